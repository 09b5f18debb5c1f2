//! Foreign text as a part of an address.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

/// What is escaped in one part of a path or query: all but what RFC 3986 calls unreserved, so that
/// the part can't become two, nor end the address.
pub const ADDRESS_PART: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
