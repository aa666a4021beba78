//! Servers that are compared: each in its turn under a closed loop, round by round.

use std::rc::Rc;
use std::time::Duration;

use tests::load::closed::Load;

use super::server::Server;
use super::spread::Spread;

/// A server, and one way of calling it.
pub(crate) struct Contender {
    pub(crate) name: String,
    server: Rc<Server>,
    load: Load,
}

/// What one round found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Round {
    /// Processor time of the server for a call, in microseconds.
    pub(crate) cpu: f64,
    /// Answers a second.
    pub(crate) rate: f64,
    /// The part of the round in which the server had its core.
    pub(crate) busy: f64,
    /// The part in which another server had it that should have done nothing.
    pub(crate) others: f64,
    /// Latency in microseconds: half of all answers took longer; a hundredth; a
    /// thousandth.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
    /// Answers that were not as the first.
    pub(crate) unexpected: usize,
}

impl Contender {
    pub(crate) fn new(name: impl Into<String>, server: &Rc<Server>, load: Load) -> Self {
        Self {
            name: name.into(),
            server: Rc::clone(server),
            load,
        }
    }

    /// The body of the answer to the first call, and what stands before it.
    pub(crate) fn first_answer(&self) -> (&str, &str) {
        let answer = self.load.first_answer().split_once("\r\n\r\n");
        answer.expect("a head")
    }

    pub(crate) fn warm_up(&mut self, time: Duration) {
        self.load.run(time);
    }

    fn round(&mut self, time: Duration, others: &[Rc<Server>]) -> Round {
        let cpu = |servers: &[Rc<Server>]| servers.iter().map(|server| server.cpu()).sum();
        let (idle, before): (Duration, _) = (cpu(others), self.server.cpu());
        let found = self.load.run(time);
        let used = self.server.cpu() - before;
        let idle = cpu(others) - idle;
        let answers = f64::from(u32::try_from(found.seen.times.len()).expect("a few million"));
        let [used, idle, wall] = [used, idle, found.wall].map(|time| time.as_secs_f64());
        let percentiles = found.seen.percentiles([0.5, 0.99, 0.999]);
        let [p50, p99, p999] = percentiles.map(|time| time.as_secs_f64() * 1e6);
        Round {
            cpu: used / answers * 1e6,
            rate: answers / wall,
            busy: used / wall,
            others: idle / wall,
            p50,
            p99,
            p999,
            unexpected: found.seen.unexpected,
        }
    }
}

/// So many rounds, of this time for each contender in its turn; what each found.
pub(crate) fn rounds(
    contenders: &mut [Contender],
    count: usize,
    time: Duration,
) -> Vec<Vec<Round>> {
    let mut servers: Vec<_> = contenders
        .iter()
        .map(|one| Rc::clone(&one.server))
        .collect();
    servers.sort_by_key(Rc::as_ptr);
    servers.dedup_by(|one, other| Rc::ptr_eq(one, other));
    let mut found = vec![Vec::new(); contenders.len()];
    for _ in 0..count {
        for (contender, found) in contenders.iter_mut().zip(&mut found) {
            let other = |server: &&Rc<Server>| !Rc::ptr_eq(server, &contender.server);
            let others: Vec<_> = servers.iter().filter(other).cloned().collect();
            found.push(contender.round(time, &others));
        }
    }
    found
}

/// One figure of all rounds.
pub(crate) fn spread(rounds: &[Round], figure: impl Fn(&Round) -> f64) -> Spread {
    Spread::of(rounds.iter().map(figure))
}

/// One figure against that of another contender in the same round.
pub(crate) fn ratio(of: &[Round], to: &[Round], figure: impl Fn(&Round) -> f64) -> Spread {
    let pairs = of.iter().zip(to);
    Spread::of(pairs.map(|(of, to)| figure(of) / figure(to)))
}
