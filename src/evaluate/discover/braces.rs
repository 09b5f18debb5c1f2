//! Expands `{a,b}` in globs, so that a pattern can be looked at one path component at a time. Knows
//! nothing of what a component matches: that is [`super::patterns`].

use super::error::PatternError;

/// A stranger's configuration may nest braces: `{a,b}` twenty times stands for a million patterns.
const MOST: usize = 256;

/// Every pattern that `pattern` stands for, in the order of its alternatives.
pub(super) fn expand(pattern: &str) -> Result<Vec<String>, PatternError> {
    let mut done = Vec::new();
    let mut open = vec![pattern.to_owned()];
    while let Some(next) = open.pop() {
        match first_group(&next) {
            None => done.push(next),
            Some(group) => {
                let (head, tail) = (&next[..group.start], &next[group.end..]);
                for alternative in group.alternatives.iter().rev() {
                    open.push(format!("{head}{alternative}{tail}"));
                }
            }
        }
        if done.len() + open.len() > MOST {
            return Err(PatternError::TooManyAlternatives(MOST));
        }
    }
    Ok(done)
}

struct Group {
    start: usize,
    end: usize,
    alternatives: Vec<String>,
}

/// The first outermost `{…}` that is neither escaped nor inside a `[…]` class.
fn first_group(pattern: &str) -> Option<Group> {
    let mut depth = 0_usize;
    let mut start = 0;
    let mut cuts = Vec::new();
    let mut in_class = false;
    let mut characters = pattern.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => {
                characters.next();
            }
            '[' if !in_class => {
                in_class = true;
                skip_class_start(&mut characters);
            }
            ']' => in_class = false,
            _ if in_class => {}
            '{' => {
                if depth == 0 {
                    start = at;
                }
                depth += 1;
            }
            ',' if depth == 1 => cuts.push(at),
            '}' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    cuts.push(at);
                    return Some(group(pattern, start, &cuts));
                }
            }
            _ => {}
        }
    }
    None
}

/// A `]` right after `[`, `[!` or `[^` stands for itself.
fn skip_class_start(characters: &mut std::str::CharIndices<'_>) {
    let rest = characters.as_str();
    let negation = usize::from(rest.starts_with(['!', '^']));
    let literal = usize::from(rest[negation..].starts_with(']'));
    for _ in 0..negation + literal {
        characters.next();
    }
}

fn group(pattern: &str, start: usize, cuts: &[usize]) -> Group {
    let mut from = start + 1;
    let mut alternatives = Vec::with_capacity(cuts.len());
    for cut in cuts {
        alternatives.push(pattern[from..*cut].to_owned());
        from = cut + 1;
    }
    Group {
        start,
        end: from,
        alternatives,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_become_one_pattern_an_alternative() {
        let expanded = |pattern| expand(pattern).unwrap();
        assert_eq!(expanded("a/b.md"), ["a/b.md"]);
        assert_eq!(
            expanded("**/*.{spec,test}.md"),
            ["**/*.spec.md", "**/*.test.md"]
        );
        assert_eq!(expanded("{a,{b,c}/d}/e"), ["a/e", "b/d/e", "c/d/e"]);
        assert_eq!(expanded(r"\{a,b}/[{,}]"), [r"\{a,b}/[{,}]"]);
        assert_eq!(expanded("[]{]{a,b}"), ["[]{]a", "[]{]b"]);
        assert_eq!(expanded("x{}y"), ["xy"]);
    }

    #[test]
    fn exploding_braces_are_refused() {
        let exploding = "{a,b}".repeat(40);
        assert!(matches!(
            expand(&exploding),
            Err(PatternError::TooManyAlternatives(_))
        ));
    }
}
