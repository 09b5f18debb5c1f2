//! Lists of a stranger's file: a file of the largest size could hold so many small entries that they
//! would take a hundred times its size in memory.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};

/// The most entries of one list. The largest suites have some thousands.
pub(super) const MOST: usize = 100_000;

/// Reads a list and gives up at the entry after [`MOST`].
pub(super) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_seq(Bounded(PhantomData))
}

struct Bounded<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Bounded<T> {
    type Value = Vec<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(entry) = entries.next_element()? {
            if list.len() == MOST {
                return Err(A::Error::custom(format_args!(
                    "a list has more than the {MOST} entries that are read"
                )));
            }
            list.push(entry);
        }
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(count: usize) -> Result<Vec<u8>, serde_json::Error> {
        let entries = vec!["1"; count].join(",");
        let json = format!("[{entries}]");
        let mut reader = serde_json::Deserializer::from_str(&json);
        list(&mut reader)
    }

    #[test]
    fn a_list_is_read_up_to_its_limit() {
        assert_eq!(parsed(0).unwrap().len(), 0);
        assert_eq!(parsed(MOST).unwrap().len(), MOST);
        let message = parsed(MOST + 1).unwrap_err().to_string();
        assert!(message.starts_with("a list has more than the 100000 entries"));
    }
}
