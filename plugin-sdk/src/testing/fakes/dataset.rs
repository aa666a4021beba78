//! Datasets that an operator granted.

use std::fmt;
use std::rc::Rc;

use serde_json::Value;

use super::{Fake, Fakes, keep};
use crate::dataset::Error;

/// The content of a dataset, and how values are matched with its entries: by equality,
/// unless it is said otherwise.
pub struct Dataset {
    content: Content,
    matches: Matches,
}

/// Whether an entry, which comes first, is matched by a value.
type Matches = Box<dyn Fn(&str, &str) -> bool>;

enum Content {
    List(Vec<String>),
    Table(Vec<(String, Value)>),
    Unread,
}

impl Dataset {
    fn of(content: Content) -> Self {
        Self {
            content,
            matches: Box::new(|entry, value| entry == value),
        }
    }

    /// A list.
    #[must_use]
    pub fn list<E: Into<String>>(entries: impl IntoIterator<Item = E>) -> Self {
        let entries = entries.into_iter().map(Into::into);
        Self::of(Content::List(entries.collect()))
    }

    /// A table: keys, and the record of each.
    #[must_use]
    pub fn table<K: Into<String>, R: Into<Value>>(
        records: impl IntoIterator<Item = (K, R)>,
    ) -> Self {
        let records = records.into_iter();
        let records = records.map(|(key, record)| (key.into(), record.into()));
        Self::of(Content::Table(records.collect()))
    }

    /// A dataset that is granted and was never read.
    #[must_use]
    pub fn unread() -> Self {
        Self::of(Content::Unread)
    }

    /// Matches regardless of case.
    #[must_use]
    pub fn ignoring_case(self) -> Self {
        self.matching(|entry, value| entry.to_lowercase() == value.to_lowercase())
    }

    /// Matches a domain, and the domains below it, regardless of the case of ASCII.
    #[must_use]
    pub fn by_domain(self) -> Self {
        self.matching(|entry, value| {
            let [entry, value] = [entry, value].map(|domain| {
                let domain = domain.to_ascii_lowercase();
                domain.strip_suffix('.').unwrap_or(&domain).to_owned()
            });
            let below = value.strip_suffix(&entry);
            below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
        })
    }

    /// Matches an entry, which comes first, with a value where this says so.
    #[must_use]
    pub fn matching(mut self, matches: impl Fn(&str, &str) -> bool + 'static) -> Self {
        self.matches = Box::new(matches);
        self
    }

    fn contains(&self, value: &str) -> Result<bool, Error> {
        let is_match = |entry: &str| (self.matches)(entry, value);
        match &self.content {
            Content::List(entries) => Ok(entries.iter().any(|entry| is_match(entry))),
            Content::Table(records) => Ok(records.iter().any(|(key, _)| is_match(key))),
            Content::Unread => Err(Error::Unavailable),
        }
    }

    fn lookup(&self, value: &str) -> Result<Option<String>, Error> {
        let records = match &self.content {
            Content::Table(records) => records.iter(),
            Content::List(_) => return Err(Error::NotSupported),
            Content::Unread => return Err(Error::Unavailable),
        };
        let matching = records.filter(|(key, _)| (self.matches)(key, value));
        let longest = matching.max_by_key(|(key, _)| key.len());
        Ok(longest.map(|(_, record)| record.to_string()))
    }
}

impl fmt::Debug for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dataset").finish_non_exhaustive()
    }
}

thread_local! {
    static DATASETS: Fakes<(String, Dataset)> = const { Fakes::new() };
}

/// Grants a dataset under a name. To a name that no fake grants, access is denied.
///
/// ```
/// use hookwarden_sdk::{dataset, testing};
/// use hookwarden_sdk::testing::Dataset;
///
/// let denied = Dataset::list(["example.org"]).by_domain();
/// let _granted = testing::dataset("denied-domains", denied);
/// assert_eq!(dataset::contains("denied-domains", "mail.example.org"), Ok(true));
/// assert_eq!(dataset::contains("denied-domains", "notexample.org"), Ok(false));
/// assert_eq!(dataset::contains("others", "example.org"), Err(dataset::Error::AccessDenied));
/// ```
pub fn dataset(name: impl Into<String>, content: Dataset) -> Fake {
    keep(&DATASETS, Rc::new((name.into(), content)))
}

pub(crate) fn contains(name: &str, value: &str) -> Result<bool, Error> {
    granted(name)?.1.contains(value)
}

pub(crate) fn lookup(name: &str, key: &str) -> Result<Option<String>, Error> {
    granted(name)?.1.lookup(key)
}

fn granted(name: &str) -> Result<Rc<(String, Dataset)>, Error> {
    let granted = DATASETS.with(|datasets| datasets.latest(|(own, _)| own == name));
    granted.ok_or(Error::AccessDenied)
}

#[cfg(test)]
mod tests {
    use super::{Content, Dataset, Error};

    #[test]
    fn a_value_is_matched_as_was_said() {
        let contains = |dataset: Dataset, value| dataset.contains(value).expect("a list");
        let list = || Dataset::list(["Example.org"]);
        assert!(contains(list(), "Example.org"));
        assert!(!contains(list(), "example.org"));
        assert!(contains(list().ignoring_case(), "EXAMPLE.org"));
        assert!(!contains(list().ignoring_case(), "mail.example.org"));
        assert!(contains(list().by_domain(), "mail.example.ORG."));
        assert!(!contains(list().by_domain(), "notexample.org"));
        assert!(!contains(list().by_domain(), "org"));
        let shorter = list().matching(|entry, value| entry.starts_with(value));
        assert!(contains(shorter, "Exam"));
    }

    #[test]
    fn the_longest_key_has_the_record() {
        let records = [("org", 1), ("example.org", 2), ("b.org", 3)];
        let table = Dataset::table(records).by_domain();
        assert_eq!(table.lookup("a.example.org"), Ok(Some("2".to_owned())));
        assert_eq!(table.lookup("c.org"), Ok(Some("1".to_owned())));
        assert_eq!(table.lookup("com"), Ok(None));
        assert_eq!(table.contains("c.org"), Ok(true));
    }

    #[test]
    fn a_list_has_no_records_and_what_was_never_read_has_nothing() {
        assert_eq!(Dataset::list(["a"]).lookup("a"), Err(Error::NotSupported));
        let unread = Dataset::unread();
        assert!(matches!(unread.content, Content::Unread));
        assert_eq!(unread.contains("a"), Err(Error::Unavailable));
        assert_eq!(unread.lookup("a"), Err(Error::Unavailable));
    }
}
