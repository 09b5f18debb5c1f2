//! Where a bracketed region of a text begins and ends, without reading what is in it.

/// Verdicts are shallow. The JSON5 reader has no limit of its own and would overflow the stack.
const DEEPEST: usize = 64;

/// What a model writes as a status.
const STATUSES: [&str; 5] = ["pass", "fail", "error", "invalid", "skip"];

/// Whether text whose brackets never close begins as verdicts do: an object in an array, or an object
/// whose first field is an id or a status. It was cut off, or has a stray quote in it.
pub(super) fn begins_verdicts(rest: &str) -> bool {
    let Some(inside) = rest.strip_prefix('[') else {
        return first_field_is_ours(rest);
    };
    inside.trim_start().starts_with('{')
}

fn first_field_is_ours(rest: &str) -> bool {
    let first = rest.strip_prefix('{').unwrap_or_default().trim_start();
    let first = first.trim_start_matches(['"', '\'']);
    first.starts_with("id") || first.starts_with("status")
}

/// Whether a region that is no JSON names a status with a value, so that it was meant as a verdict and
/// not as an example such as `{"id": ..., "status": ...}`.
pub(super) fn holds_status(region: &str) -> bool {
    region.match_indices("status").any(|(at, word)| {
        let after = region[at + word.len()..]
            .trim_start_matches(['"', '\''])
            .trim_start();
        let value = after.strip_prefix(':').map(str::trim_start);
        let value = value.and_then(|value| value.strip_prefix(['"', '\'']));
        value.is_some_and(|value| STATUSES.iter().any(|status| value.starts_with(status)))
    })
}

/// Finds where the bracketed region at the start of `bytes` ends, strings and comments skipped as
/// JSON5 has them, which is a superset of JSON.
pub(super) struct RegionEnd<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> RegionEnd<'a> {
    /// Looks at `budget` bytes at the most.
    pub(super) fn new(bytes: &'a [u8], budget: usize) -> Self {
        Self {
            bytes: &bytes[..bytes.len().min(budget)],
            at: 0,
        }
    }

    /// How many bytes it has looked at.
    pub(super) fn looked_at(&self) -> usize {
        self.at.min(self.bytes.len())
    }

    /// The length of the region; `None` when it does not end, ends in the wrong bracket or nests too
    /// deeply.
    pub(super) fn find(&mut self) -> Option<usize> {
        let mut open = Vec::new();
        loop {
            let byte = self.next()?;
            match byte {
                b'[' | b'{' => open.push(byte),
                b']' | b'}' => {
                    let expected = if byte == b']' { b'[' } else { b'{' };
                    if open.pop() != Some(expected) {
                        return None;
                    }
                }
                b'"' | b'\'' => self.skip_string(byte)?,
                b'/' => self.skip_comment()?,
                _ => {}
            }
            match open.len() {
                0 => return Some(self.at),
                depth if depth > DEEPEST => return None,
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.at).copied();
        self.at += 1;
        byte
    }

    fn skip_string(&mut self, quote: u8) -> Option<()> {
        loop {
            match self.next()? {
                b'\\' => self.at += 1,
                b'\n' => return None,
                byte if byte == quote => return Some(()),
                _ => {}
            }
        }
    }

    /// A slash that starts no comment is left to the parser to refuse.
    fn skip_comment(&mut self) -> Option<()> {
        let end: &[u8] = match self.bytes.get(self.at) {
            Some(b'/') => b"\n",
            Some(b'*') => b"*/",
            _ => return Some(()),
        };
        self.at += 1;
        while !self.bytes.get(self.at..)?.starts_with(end) {
            self.at += 1;
        }
        self.at += end.len();
        Some(())
    }
}
