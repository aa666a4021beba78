//! The bucket of a policy, and what can be done in it.

use super::backend;
use super::error::Error;

/// The policy's own values, by keys. Another policy's are elsewhere.
///
/// A read sees every write before it, whichever evaluation made it.
#[derive(Debug)]
pub struct Bucket(backend::Bucket);

/// A key, and its value if there is one.
pub type KeyAndValue = (String, Option<Vec<u8>>);

/// One page of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// The keys, in no order that can be relied on.
    pub keys: Vec<String>,
    /// Where the next page begins; `None` on the last one.
    pub cursor: Option<String>,
}

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Claim {
    /// Nobody had claimed the key; now the owner has.
    New,
    /// The same owner had claimed it before: Okta repeats the call.
    Again,
    /// Another owner has it.
    Taken,
}

impl Bucket {
    /// Opens the bucket. In native tests it is the one of
    /// [`testing::key_value`](crate::testing::key_value()).
    ///
    /// # Errors
    ///
    /// It was not granted, or the store cannot be reached.
    pub fn open() -> Result<Self, Error> {
        backend::open().map(Self)
    }

    /// The value of a key; `None` if it is absent.
    ///
    /// # Errors
    ///
    /// The operation did not succeed.
    pub fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        self.0.get(key)
    }

    /// Sets the value of a key, whatever it was.
    ///
    /// # Errors
    ///
    /// The operation did not succeed.
    pub fn set(&self, key: &str, value: impl AsRef<[u8]>) -> Result<(), Error> {
        self.0.set(key, value.as_ref())
    }

    /// Deletes a key. An absent one is no error.
    ///
    /// # Errors
    ///
    /// The operation did not succeed.
    pub fn delete(&self, key: &str) -> Result<(), Error> {
        self.0.delete(key)
    }

    /// Whether there is a value under a key.
    ///
    /// # Errors
    ///
    /// The operation did not succeed.
    pub fn exists(&self, key: &str) -> Result<bool, Error> {
        self.0.exists(key)
    }

    /// One page of the keys: the first, or the one at a cursor.
    ///
    /// # Errors
    ///
    /// The operation did not succeed.
    pub fn keys(&self, cursor: Option<&str>) -> Result<Keys, Error> {
        self.0.keys(cursor)
    }

    /// Adds to the number of a key, atomically, and returns the sum. An absent key counts
    /// as 0. The value is the number's decimal digits.
    ///
    /// # Errors
    ///
    /// The value is no number, the sum does not fit, or the operation did not succeed.
    pub fn increment(&self, key: &str, by: i64) -> Result<i64, Error> {
        self.0.increment(key, by)
    }

    /// The values of several keys, each with its key.
    ///
    /// # Errors
    ///
    /// The operation did not succeed.
    pub fn get_many(&self, keys: &[&str]) -> Result<Vec<KeyAndValue>, Error> {
        self.0.get_many(keys)
    }

    /// Sets several keys. Where it does not succeed some may be set.
    ///
    /// # Errors
    ///
    /// The operation did not succeed.
    pub fn set_many(&self, values: &[(&str, &[u8])]) -> Result<(), Error> {
        self.0.set_many(values)
    }

    /// Deletes several keys. Where it does not succeed some may be deleted.
    ///
    /// # Errors
    ///
    /// The operation did not succeed.
    pub fn delete_many(&self, keys: &[&str]) -> Result<(), Error> {
        self.0.delete_many(keys)
    }

    /// Begins a change of a key that takes place only if nobody changes it meanwhile.
    ///
    /// # Errors
    ///
    /// The operation did not succeed.
    pub fn compare_and_swap(&self, key: &str) -> Result<Cas, Error> {
        backend::Cas::new(&self.0, key).map(Cas)
    }

    /// Claims a key for an owner: of all owners that ever do, one has it. The owner stands
    /// under the key until the key expires or is deleted.
    ///
    /// For the owner take the call's `eventId`, so that Okta's repetition of a call is
    /// told from another call.
    ///
    /// # Errors
    ///
    /// The operation did not succeed.
    pub fn claim(&self, key: &str, owner: &str) -> Result<Claim, Error> {
        let mut cas = self.compare_and_swap(key)?;
        loop {
            match cas.current()? {
                Some(holder) if holder == owner.as_bytes() => return Ok(Claim::Again),
                Some(_) => return Ok(Claim::Taken),
                None => match cas.swap(owner)? {
                    Swap::Done => return Ok(Claim::New),
                    Swap::Lost(latest) => cas = latest,
                },
            }
        }
    }
}

/// A change that takes place only if the value is still what it was.
#[derive(Debug)]
pub struct Cas(backend::Cas);

/// What became of a swap.
#[derive(Debug)]
#[must_use]
pub enum Swap {
    /// The value is swapped.
    Done,
    /// Somebody else changed the key first. This one begins with what is there now.
    Lost(Cas),
}

impl Cas {
    /// The value that the change begins with; `None` if the key is absent.
    ///
    /// # Errors
    ///
    /// The operation did not succeed.
    pub fn current(&self) -> Result<Option<Vec<u8>>, Error> {
        self.0.current()
    }

    /// Sets the value, if the key is as it was.
    ///
    /// # Errors
    ///
    /// The operation did not succeed. A lost swap is no error.
    pub fn swap(self, value: impl AsRef<[u8]>) -> Result<Swap, Error> {
        let lost = backend::swap(self.0, value.as_ref())?;
        Ok(lost.map_or(Swap::Done, |latest| Swap::Lost(Self(latest))))
    }
}

#[cfg(test)]
mod tests {
    use super::{Bucket, Claim, Error, Swap};
    use crate::testing;

    fn bucket() -> Bucket {
        Bucket::open().expect("a bucket")
    }

    #[test]
    fn a_value_is_there_until_it_is_deleted() {
        let _values = testing::key_value();
        let bucket = bucket();
        assert_eq!(bucket.get("a"), Ok(None));
        bucket.set("a", "1").expect("set");
        assert_eq!(bucket.get("a"), Ok(Some(b"1".to_vec())));
        assert_eq!(bucket.exists("a"), Ok(true));
        bucket.delete("a").expect("deleted");
        bucket.delete("a").expect("deleted, though absent");
        assert_eq!(bucket.exists("a"), Ok(false));
    }

    #[test]
    fn many_keys_are_one_operation() {
        let _values = testing::key_value();
        let bucket = bucket();
        let values: [(&str, &[u8]); 2] = [("a", b"1"), ("b", b"2")];
        bucket.set_many(&values).expect("set");
        bucket.delete_many(&["b", "c"]).expect("deleted");
        let found = bucket.get_many(&["b", "a"]);
        let expected = vec![
            ("b".to_owned(), None),
            ("a".to_owned(), Some(b"1".to_vec())),
        ];
        assert_eq!(found, Ok(expected));
    }

    #[test]
    fn a_number_counts_on() {
        let _values = testing::key_value();
        let bucket = bucket();
        assert_eq!(bucket.increment("n", 2), Ok(2));
        assert_eq!(bucket.increment("n", -3), Ok(-1));
        assert_eq!(bucket.get("n"), Ok(Some(b"-1".to_vec())));
        bucket.set("n", "many").expect("set");
        assert!(matches!(bucket.increment("n", 1), Err(Error::Other(_))));
        bucket.set("n", i64::MAX.to_string()).expect("set");
        assert!(matches!(bucket.increment("n", 1), Err(Error::Other(_))));
    }

    #[test]
    fn a_swap_is_lost_to_whoever_came_first() {
        let _values = testing::key_value();
        let bucket = bucket();
        let [one, other] = [(), ()].map(|()| bucket.compare_and_swap("a").expect("begun"));
        assert!(matches!(one.swap("one"), Ok(Swap::Done)));
        let Ok(Swap::Lost(latest)) = other.swap("other") else {
            panic!("two won");
        };
        assert_eq!(latest.current(), Ok(Some(b"one".to_vec())));
        assert!(matches!(latest.swap("other"), Ok(Swap::Done)));
        assert_eq!(bucket.get("a"), Ok(Some(b"other".to_vec())));
    }

    #[test]
    fn a_claim_belongs_to_its_first_owner() {
        let values = testing::key_value();
        let bucket = bucket();
        assert_eq!(bucket.claim("code", "one"), Ok(Claim::New));
        assert_eq!(bucket.claim("code", "one"), Ok(Claim::Again));
        assert_eq!(bucket.claim("code", "other"), Ok(Claim::Taken));
        assert_eq!(values.get("code"), Some(b"one".to_vec()));
    }

    #[test]
    fn a_claim_that_comes_second_is_told_by_who_came_first() {
        let values = testing::key_value();
        let bucket = bucket();
        values.overtake("code", "other");
        assert_eq!(bucket.claim("code", "one"), Ok(Claim::Taken));
        values.overtake("again", "one");
        assert_eq!(bucket.claim("again", "one"), Ok(Claim::Again));
    }

    #[test]
    fn without_a_grant_nothing_opens() {
        assert!(matches!(Bucket::open(), Err(Error::AccessDenied)));
    }
}
