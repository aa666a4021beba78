//! Fakes of what the host offers, each there for as long as somebody keeps it.
//!
//! They belong to a thread, because `cargo test` runs each test in one.

pub(crate) mod dataset;
pub(crate) mod http;
pub(crate) mod key_value;
pub(crate) mod secrets;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::thread::LocalKey;

pub use dataset::{Dataset, dataset};
pub use http::{http, response, response_with};
pub use key_value::{KeyValue, key_value};
pub use secrets::secrets;

/// Keeps a fake. When it is dropped, what was there before is there again.
#[must_use = "the fake is there for as long as this is kept"]
pub struct Fake {
    forget: Option<Box<dyn FnOnce()>>,
}

impl std::fmt::Debug for Fake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fake").finish_non_exhaustive()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        if let Some(forget) = self.forget.take() {
            forget();
        }
    }
}

/// The fakes of one kind, the latest last.
pub(super) struct Fakes<T> {
    made: Cell<u64>,
    kept: RefCell<Vec<(u64, Rc<T>)>>,
}

impl<T> Fakes<T> {
    pub(super) const fn new() -> Self {
        Self {
            made: Cell::new(0),
            kept: RefCell::new(Vec::new()),
        }
    }

    /// The latest that is wanted.
    pub(super) fn latest(&self, wanted: impl Fn(&T) -> bool) -> Option<Rc<T>> {
        let kept = self.kept.borrow();
        let mut latest_first = kept.iter().rev();
        let (_, fake) = latest_first.find(|(_, fake)| wanted(fake))?;
        Some(Rc::clone(fake))
    }
}

/// Puts a fake before those that are there.
pub(super) fn keep<T: 'static>(fakes: &'static LocalKey<Fakes<T>>, fake: Rc<T>) -> Fake {
    let number = fakes.with(|fakes| {
        let number = fakes.made.get();
        fakes.made.set(number + 1);
        fakes.kept.borrow_mut().push((number, fake));
        number
    });
    // The thread may be about to end, and its fakes with it.
    let forget = move || {
        let _ = fakes.try_with(|fakes| {
            let mut kept = fakes.kept.borrow_mut();
            kept.retain(|(own, _)| *own != number);
        });
    };
    Fake {
        forget: Some(Box::new(forget)),
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::{Fakes, keep};

    thread_local! {
        static NUMBERS: Fakes<u8> = const { Fakes::new() };
    }

    fn latest() -> Option<u8> {
        NUMBERS.with(|numbers| numbers.latest(|_| true).map(|number| *number))
    }

    #[test]
    fn what_was_there_before_is_there_again_in_whatever_order() {
        assert_eq!(latest(), None);
        let one = keep(&NUMBERS, Rc::new(1));
        let two = keep(&NUMBERS, Rc::new(2));
        assert_eq!(latest(), Some(2));
        drop(one);
        assert_eq!(latest(), Some(2));
        let three = keep(&NUMBERS, Rc::new(3));
        drop(three);
        assert_eq!(latest(), Some(2));
        drop(two);
        assert_eq!(latest(), None);
    }

    #[test]
    fn another_thread_has_its_own() {
        let _one = keep(&NUMBERS, Rc::new(1));
        let theirs = std::thread::spawn(latest).join().expect("a number");
        assert_eq!(theirs, None);
    }
}
