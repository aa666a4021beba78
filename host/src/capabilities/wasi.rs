//! Inert WASI: for components whose toolchain imports WASI 0.2 whether the
//! policy uses it or not.
//!
//! It grants nothing. There are no arguments, no environment, no files, no
//! network; standard input is empty; standard output and error are lines of the
//! policy's log; the wall clock stands still at the time of the call; the
//! monotonic clock shows whole milliseconds; random numbers come from the
//! evaluation's seed, so that an evaluation can be repeated.

use std::convert::Infallible;
use std::time::{Duration, Instant, SystemTime};

use rand::rngs::StdRng;
use rand::{SeedableRng as _, TryRng};
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtx};

use super::log::{Level, Log, TooTalkative};
use super::meter::Meter;
use crate::telemetry::FOREIGN_LIMIT;

/// The most random bytes of one request.
const MAX_RANDOM: u64 = 16 * 1024;

/// The WASI of one evaluation.
#[must_use]
pub fn inert(log: &Log, called: SystemTime, seed: u64, meter: &Meter) -> WasiCtx {
    let random = |seed| Metered {
        random: StdRng::seed_from_u64(seed),
        meter: meter.clone(),
    };
    let output = |level| Output {
        log: log.clone(),
        level,
    };
    WasiCtx::builder()
        .stdout(output(Level::Info))
        .stderr(output(Level::Warn))
        .wall_clock(StandingClock(called))
        .monotonic_clock(CoarseClock(Instant::now()))
        .secure_random(random(seed))
        .insecure_random(random(!seed))
        .insecure_random_seed(seed.into())
        .max_random_size(MAX_RANDOM)
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
        .build()
}

struct StandingClock(SystemTime);

impl HostWallClock for StandingClock {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn now(&self) -> Duration {
        let since = self.0.duration_since(SystemTime::UNIX_EPOCH);
        Duration::from_millis(since.map_or(0, |since| {
            since.as_secs() * 1000 + u64::from(since.subsec_millis())
        }))
    }
}

struct CoarseClock(Instant);

impl HostMonotonicClock for CoarseClock {
    fn resolution(&self) -> u64 {
        1_000_000
    }

    fn now(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX / 1_000_000) * 1_000_000
    }
}

/// Random numbers, which the host makes and the guest's fuel does not pay for.
struct Metered {
    random: StdRng,
    meter: Meter,
}

impl TryRng for Metered {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.meter.pass(size_of::<u32>());
        self.random.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.meter.pass(size_of::<u64>());
        self.random.try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.meter.pass(bytes.len());
        self.random.try_fill_bytes(bytes)
    }
}

/// Standard output or error, as lines of the log.
struct Output {
    log: Log,
    level: Level,
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Output {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(Lines {
            log: self.log.clone(),
            level: self.level,
            line: Vec::new(),
        })
    }

    /// Only asynchronous WASI asks for this one, which is not linked.
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(tokio::io::sink())
    }
}

/// Bytes, cut into lines. Of a line it keeps what the log would.
struct Lines {
    log: Log,
    level: Level,
    line: Vec<u8>,
}

impl Lines {
    fn end_line(&mut self) -> Result<(), TooTalkative> {
        if !self.line.is_empty() {
            let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
            return self.log.write(self.level, &line);
        }
        Ok(())
    }
}

impl OutputStream for Lines {
    fn write(&mut self, bytes: bytes::Bytes) -> StreamResult<()> {
        if bytes.len() > FOREIGN_LIMIT {
            return Err(StreamError::trap("wrote more than it was allowed to"));
        }
        for (index, piece) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if index > 0 {
                self.end_line()
                    .map_err(|error| StreamError::Trap(error.into()))?;
            }
            let room = FOREIGN_LIMIT.saturating_sub(self.line.len());
            self.line.extend(piece.iter().take(room));
        }
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(FOREIGN_LIMIT)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Lines {
    async fn ready(&mut self) {}
}

/// What stands after the last line break.
impl Drop for Lines {
    fn drop(&mut self) {
        let _ = self.end_line();
    }
}
