//! Text files: an entry a line.

use super::builder::Builder;
use super::fault::{ContentError, Fault};

/// Adds the entries of a text.
pub(super) fn read(text: &str, builder: &mut Builder<'_>) -> Result<(), ContentError> {
    let mut place = 0;
    for line in text.split_inclusive('\n') {
        let entry = without_comment(line).trim();
        let odd = |byte: u8| byte.is_ascii_control() && byte != b'\t';
        if entry.bytes().any(odd) {
            return Err(Fault::ControlCharacter.at(text, place));
        }
        if !entry.is_empty() {
            builder.add(place, entry, None)?;
        }
        place += line.len();
    }
    Ok(())
}

/// A line up to its comment. `#` within a word is part of it.
fn without_comment(line: &str) -> &str {
    let comment = line.match_indices('#').find(|(at, _)| {
        line[..*at]
            .chars()
            .next_back()
            .is_none_or(char::is_whitespace)
    });
    comment.map_or(line, |(at, _)| &line[..at])
}
