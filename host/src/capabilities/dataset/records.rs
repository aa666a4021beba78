//! The records of a table, as they are kept and as they are given out.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use super::csv;

/// What the records are.
pub(super) enum Records {
    /// There are none: a list.
    None,
    /// JSON, as in the file.
    Json,
    /// CSV rows, as in the file, under these columns.
    Csv(Box<[Box<str>]>),
}

impl Records {
    /// Whether two records say the same.
    pub(super) fn same(&self, one: &str, other: &str) -> bool {
        one == other || matches!(self, Self::Csv(_)) && csv::values(one).eq(csv::values(other))
    }

    /// A record as JSON; `None` for a list.
    pub(super) fn render<'a>(&self, record: &'a str) -> Option<Cow<'a, str>> {
        match self {
            Self::None => None,
            Self::Json => Some(record.into()),
            Self::Csv(columns) => {
                let row = Row { columns, record };
                let json = serde_json::to_string(&row).expect("texts by texts are JSON");
                Some(json.into())
            }
        }
    }

    /// The bytes they hold besides the records.
    pub(super) fn memory(&self) -> usize {
        match self {
            Self::None | Self::Json => 0,
            Self::Csv(columns) => columns
                .iter()
                .map(|column| size_of::<Box<str>>() + column.len())
                .sum(),
        }
    }
}

/// A CSV row as an object.
struct Row<'a> {
    columns: &'a [Box<str>],
    record: &'a str,
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.columns.iter().zip(csv::values(self.record)))
    }
}
