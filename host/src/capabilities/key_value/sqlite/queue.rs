//! The queue: operations that wait for a worker, a line for each bucket.
//!
//! The worker takes from the lines in turn, so that whoever floods one line makes the
//! others wait for no more than a batch. Each line is bounded, in number and in load,
//! and what does not fit is refused at once.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The most load in a batch, about: one operation may take it over.
pub(super) const BATCH: usize = 256;

/// The most load of one bucket in a batch, likewise.
pub(super) const TURN: usize = 32;

/// The most operations that wait in a line.
pub(super) const LINE: usize = 1_024;

/// The most load that waits in a line with more than one operation: some tens of
/// megabytes, if all of it is values.
const LINE_LOAD: usize = 8_192;

/// So many bytes are as much work as another key.
const BYTES_PER_LOAD: usize = 4_096;

/// How much work an operation is; that on one short entry is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Load(usize);

impl Load {
    /// The work on so many keys with so many bytes together.
    pub(super) fn of(keys: usize, bytes: usize) -> Self {
        Self((keys + bytes / BYTES_PER_LOAD).max(1))
    }

    /// A bucket's whole turn.
    pub(super) const TURN: Self = Self(TURN);
}

/// Why something cannot wait here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// Its line is full.
    Full,
    /// Nobody takes from the queue any more.
    Closed,
}

/// What waits.
#[derive(Debug)]
pub(super) struct Queue<T> {
    lines: Mutex<Lines<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct Lines<T> {
    /// By bucket. There are as many as policies ever had one, which is few.
    lines: HashMap<Arc<str>, Line<T>>,
    /// The buckets whose lines are not empty, in the order of their turns.
    turns: VecDeque<Arc<str>>,
    is_closed: bool,
}

#[derive(Debug)]
struct Line<T> {
    waiting: VecDeque<(Load, T)>,
    load: usize,
}

impl<T> Queue<T> {
    pub(super) fn new() -> Self {
        Self {
            lines: Mutex::new(Lines {
                lines: HashMap::new(),
                turns: VecDeque::new(),
                is_closed: false,
            }),
            changed: Condvar::new(),
        }
    }

    /// Puts something at the end of a bucket's line.
    pub(super) fn push(&self, bucket: &str, load: Load, item: T) -> Result<(), Refused> {
        self.lock().push(bucket, load, item)?;
        self.changed.notify_one();
        Ok(())
    }

    /// Takes a batch, or waits for one; it is empty after so long. `None` once the queue
    /// is closed and empty.
    pub(super) fn take(&self, wait: Duration) -> Option<Vec<(Arc<str>, T)>> {
        let lines = self.lock();
        let is_idle = |lines: &mut Lines<T>| lines.turns.is_empty() && !lines.is_closed;
        let waited = self.changed.wait_timeout_while(lines, wait, is_idle);
        let (mut lines, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if lines.turns.is_empty() && lines.is_closed {
            return None;
        }
        Some(lines.batch())
    }

    /// Refuses whatever comes from now on.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_one();
    }

    /// Closes the queue and drops what waits.
    pub(super) fn abandon(&self) {
        let mut lines = self.lock();
        lines.is_closed = true;
        lines.turns.clear();
        let dropped = std::mem::take(&mut lines.lines);
        drop(lines);
        drop(dropped);
    }

    fn lock(&self) -> MutexGuard<'_, Lines<T>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Lines<T> {
    fn push(&mut self, bucket: &str, load: Load, item: T) -> Result<(), Refused> {
        if self.is_closed {
            return Err(Refused::Closed);
        }
        if !self.lines.contains_key(bucket) {
            let (waiting, load) = (VecDeque::new(), 0);
            self.lines.insert(bucket.into(), Line { waiting, load });
        }
        let line = self.lines.get_mut(bucket).expect("it was just made");
        let is_first = line.waiting.is_empty();
        if line.waiting.len() >= LINE || (!is_first && line.load + load.0 > LINE_LOAD) {
            return Err(Refused::Full);
        }
        line.waiting.push_back((load, item));
        line.load += load.0;
        if is_first {
            let (name, _) = self.lines.get_key_value(bucket).expect("it is there");
            self.turns.push_back(Arc::clone(name));
        }
        Ok(())
    }

    /// One turn of each bucket, until there is enough.
    fn batch(&mut self) -> Vec<(Arc<str>, T)> {
        let mut batch = Vec::new();
        let mut load = 0;
        for _ in 0..self.turns.len() {
            if load >= BATCH {
                break;
            }
            let bucket = self.turns.pop_front().expect("there are that many");
            let line = self
                .lines
                .get_mut(&bucket)
                .expect("who has a turn has a line");
            load += line.turn(|item| batch.push((Arc::clone(&bucket), item)));
            if !line.waiting.is_empty() {
                self.turns.push_back(bucket);
            }
        }
        batch
    }
}

impl<T> Line<T> {
    /// Takes one turn, and says how much it was.
    fn turn(&mut self, mut take: impl FnMut(T)) -> usize {
        let mut taken = 0;
        while taken < TURN
            && let Some((load, item)) = self.waiting.pop_front()
        {
            taken += load.0;
            take(item);
        }
        self.load -= taken;
        taken
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{BATCH, LINE, LINE_LOAD, Load, Queue, Refused, TURN};

    fn filled(lines: &[(&str, usize)]) -> Queue<usize> {
        let queue = Queue::new();
        for (bucket, count) in lines {
            for item in 0..*count {
                queue.push(bucket, Load::of(1, 0), item).expect("room");
            }
        }
        queue
    }

    fn take(queue: &Queue<usize>) -> Vec<(String, usize)> {
        let batch = queue.take(Duration::ZERO).expect("open").into_iter();
        batch.map(|(name, item)| (name.to_string(), item)).collect()
    }

    #[test]
    fn a_flood_in_one_line_leaves_the_next_batch_to_the_others() {
        let queue = filled(&[("flood", 1_000), ("other", 1)]);
        let batch = take(&queue);
        assert_eq!(batch.len(), TURN + 1);
        assert_eq!(batch.last(), Some(&("other".to_owned(), 0)));
        queue.push("late", Load::of(1, 0), 7).expect("room");
        assert!(take(&queue).contains(&("late".to_owned(), 7)));
    }

    #[test]
    fn a_line_is_taken_in_its_order() {
        let queue = filled(&[("a", 3 * TURN)]);
        let taken: Vec<_> = (0..3).flat_map(|_| take(&queue)).collect();
        let items: Vec<_> = taken.into_iter().map(|(_, item)| item).collect();
        assert_eq!(items, (0..3 * TURN).collect::<Vec<_>>());
        assert!(take(&queue).is_empty());
    }

    #[test]
    fn a_batch_is_bounded_and_who_had_no_turn_is_the_first_of_the_next() {
        let names: Vec<_> = (0..12).map(|number| format!("bucket {number}")).collect();
        let lines: Vec<_> = names.iter().map(|name| (name.as_str(), 100)).collect();
        let queue = filled(&lines);
        assert_eq!(take(&queue).len(), BATCH);
        assert_eq!(take(&queue)[0].0, "bucket 8");
    }

    #[test]
    fn heavy_operations_take_more_of_a_turn() {
        let queue = Queue::new();
        for item in 0..10 {
            let load = Load::of(1, 64 * 1024);
            queue.push("heavy", load, item).expect("room");
        }
        assert_eq!(take(&queue).len(), 2);
    }

    #[test]
    fn a_line_is_bounded_in_number_and_the_next_is_not_concerned() {
        let queue = filled(&[("full", LINE)]);
        let one = Load::of(1, 0);
        assert_eq!(queue.push("full", one, 0), Err(Refused::Full));
        assert_eq!(queue.push("other", one, 0), Ok(()));
        take(&queue);
        assert_eq!(queue.push("full", one, 0), Ok(()));
    }

    #[test]
    fn a_line_is_bounded_in_load_but_has_room_for_one() {
        let queue = Queue::new();
        let heavy = Load::of(1, LINE_LOAD * 5_000);
        assert_eq!(queue.push("a", heavy, 0), Ok(()));
        assert_eq!(queue.push("a", Load::of(1, 0), 1), Err(Refused::Full));
        assert_eq!(take(&queue).len(), 1);
        assert_eq!(queue.push("a", Load::of(1, 0), 1), Ok(()));
    }

    #[test]
    fn a_closed_queue_gives_what_it_has_and_takes_nothing() {
        let queue = filled(&[("a", 1)]);
        queue.close();
        assert_eq!(queue.push("a", Load::of(1, 0), 1), Err(Refused::Closed));
        let hour = Duration::from_secs(3600);
        assert_eq!(queue.take(hour).map(|batch| batch.len()), Some(1));
        assert_eq!(queue.take(hour), None);
    }

    #[test]
    fn an_abandoned_queue_has_nothing() {
        let queue = filled(&[("a", 1)]);
        queue.abandon();
        assert_eq!(queue.take(Duration::ZERO), None);
    }
}
