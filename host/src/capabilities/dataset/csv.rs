//! CSV files, as in RFC 4180, to the letter: a quote that is not closed would
//! otherwise swallow the rest of a list, and nobody would see it. Lines may end in
//! LF alone, and empty ones are skipped.

use std::borrow::Cow;

use super::builder::Builder;
use super::fault::{ContentError, Fault};

/// Adds the rows of a text, and says what its columns are. The key is in the column
/// of that name, or in the first.
pub(super) fn read(
    text: &str,
    key: Option<&str>,
    builder: &mut Builder<'_>,
) -> Result<Box<[Box<str>]>, ContentError> {
    let mut rows = Rows { text, at: 0 };
    let header = rows.next(0)?.ok_or(ContentError::NoHeader)?;
    let columns: Box<[Box<str>]> = values(header.text).map(Box::from).collect();
    let key = check(&columns, key).map_err(|fault| fault.at(text, header.place))?;
    while let Some(row) = rows.next(key)? {
        let (expected, found) = (columns.len(), row.columns);
        if found != expected {
            return Err(Fault::Columns { expected, found }.at(text, row.place));
        }
        builder.add(row.place, &row.key, Some(row.text))?;
    }
    Ok(columns)
}

/// Checks the names of the columns, and says which of them is the key.
fn check(columns: &[Box<str>], key: Option<&str>) -> Result<usize, Fault> {
    let mut sorted: Vec<_> = (1..).zip(columns).collect();
    sorted.sort_unstable_by_key(|(column, name)| (*name, *column));
    if let Some((column, _)) = sorted.iter().find(|(_, name)| name.is_empty()) {
        return Err(Fault::UnnamedColumn { column: *column });
    }
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0].1 == pair[1].1) {
        return Err(Fault::RepeatedColumn { column: pair[1].0 });
    }
    let Some(key) = key else {
        return Ok(0);
    };
    let position = columns.iter().position(|column| **column == *key);
    position.ok_or_else(|| Fault::NoKeyColumn { key: key.into() })
}

/// The values of a row that was read.
pub(super) fn values(row: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let mut at = Some(0);
    std::iter::from_fn(move || {
        // A row that was read has no faults.
        let value = Value::read(row, at?).ok()?;
        at = value.next;
        Some(value.text())
    })
}

/// The rows of a text, from a place on.
struct Rows<'a> {
    text: &'a str,
    at: usize,
}

/// A row.
struct Row<'a> {
    /// Where it begins.
    place: usize,
    /// All of it, without the end of its last line.
    text: &'a str,
    columns: usize,
    /// The value in the key's column; empty if there is no such column.
    key: Cow<'a, str>,
}

impl<'a> Rows<'a> {
    /// The next row, with the key in that column, from 0.
    fn next(&mut self, column: usize) -> Result<Option<Row<'a>>, ContentError> {
        let text = self.text;
        while let Some(length) = end_of_line(text, self.at) {
            self.at += length;
        }
        let place = self.at;
        if place == text.len() {
            return Ok(None);
        }
        let mut columns = 0;
        let mut key = Cow::Borrowed("");
        loop {
            let value = Value::read(text, self.at);
            let value = value.map_err(|(fault, place)| fault.at(text, place))?;
            if columns == column {
                key = value.text();
            }
            columns += 1;
            match value.next {
                Some(next) => self.at = next,
                None => {
                    self.at = value.end;
                    break;
                }
            }
        }
        Ok(Some(Row {
            place,
            text: &text[place..self.at],
            columns,
            key,
        }))
    }
}

/// How many bytes the end of a line has, if there is one.
fn end_of_line(text: &str, at: usize) -> Option<usize> {
    let rest = &text.as_bytes()[at..];
    [&b"\n"[..], b"\r\n"]
        .into_iter()
        .find_map(|end| rest.starts_with(end).then_some(end.len()))
}

/// A value in a row.
struct Value<'a> {
    /// As in the file, without the quotes around it.
    written: &'a str,
    quoted: bool,
    /// Where it ends.
    end: usize,
    /// Where the next one begins, if it is not the row's last.
    next: Option<usize>,
}

impl<'a> Value<'a> {
    /// Reads the value that begins there; otherwise, what is wrong and where.
    fn read(text: &'a str, at: usize) -> Result<Self, (Fault, usize)> {
        if text.as_bytes().get(at) == Some(&b'"') {
            Self::read_quoted(text, at)
        } else {
            Self::read_plain(text, at)
        }
    }

    fn read_plain(text: &'a str, at: usize) -> Result<Self, (Fault, usize)> {
        let mut end = at;
        for byte in &text.as_bytes()[at..] {
            match byte {
                b',' | b'\n' => break,
                b'\r' if end_of_line(text, end).is_some() => break,
                b'"' => return Err((Fault::StrayQuote, end)),
                b'\t' => {}
                control if control.is_ascii_control() => {
                    return Err((Fault::ControlCharacter, end));
                }
                _ => {}
            }
            end += 1;
        }
        Ok(Self {
            written: &text[at..end],
            quoted: false,
            end,
            next: after_comma(text, end),
        })
    }

    fn read_quoted(text: &'a str, at: usize) -> Result<Self, (Fault, usize)> {
        let bytes = text.as_bytes();
        let mut quote = at + 1;
        loop {
            match bytes.get(quote) {
                None => return Err((Fault::UnclosedQuote, at)),
                Some(b'"') if bytes.get(quote + 1) == Some(&b'"') => quote += 2,
                Some(b'"') => break,
                Some(b'\t' | b'\r' | b'\n') => quote += 1,
                Some(byte) if byte.is_ascii_control() => {
                    return Err((Fault::ControlCharacter, quote));
                }
                Some(_) => quote += 1,
            }
        }
        let end = quote + 1;
        let next = after_comma(text, end);
        if next.is_none() && end != text.len() && end_of_line(text, end).is_none() {
            return Err((Fault::StrayQuote, at));
        }
        Ok(Self {
            written: &text[at + 1..quote],
            quoted: true,
            end,
            next,
        })
    }

    /// What it says.
    fn text(&self) -> Cow<'a, str> {
        if self.quoted && self.written.contains('"') {
            self.written.replace("\"\"", "\"").into()
        } else {
            self.written.into()
        }
    }
}

fn after_comma(text: &str, at: usize) -> Option<usize> {
    (text.as_bytes().get(at) == Some(&b',')).then_some(at + 1)
}
