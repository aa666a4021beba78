//! Servers under measurement: processes of their own, alone on the first core.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::setpriority_process;
use rustix::thread::{CpuSet, sched_setaffinity};
use tokio::net::TcpListener;

/// The core of whatever is measured.
const SERVER_CORE: usize = 0;

/// The core of whoever measures.
const LOAD_CORE: usize = 1;

/// How long a server may take until it listens.
const PATIENCE: Duration = Duration::from_secs(300);

const BINARY: &str = env!("CARGO_BIN_EXE_hookwarden-under-test");

/// A process that listens. It ends with the value.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// From when it was started to when it said that it listens.
    pub(crate) start: Duration,
    /// The processor time of each of its threads, those that ended included.
    threads: RefCell<BTreeMap<OsString, Duration>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// A host that serves `<folder>/policies` by `<folder>/hookwarden.toml`, which must
    /// set both `listen` to port 0. It logs to `<folder>/log`.
    pub(crate) fn host(folder: &Path) -> Self {
        let mut command = Command::new(BINARY);
        command.args([
            "serve",
            "--config",
            "hookwarden.toml",
            "--policies",
            "policies",
        ]);
        Self::spawn(command, folder, " okta=")
    }

    /// Starts a command in a folder and waits until it logs `<before><address> `.
    pub(crate) fn spawn(command: Command, folder: &Path, before: &str) -> Self {
        let log = folder.join("log");
        let mut pinned = Command::new("taskset");
        pinned
            .args(["-c", &SERVER_CORE.to_string()])
            .arg(command.get_program())
            .args(command.get_args())
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(File::create(&log).expect("a file"));
        let started = Instant::now();
        let mut child = pinned.spawn().expect("`taskset` and the server");
        loop {
            let said = fs::read_to_string(&log).expect("a log");
            if let Some((_, rest)) = said.split_once(before)
                && let Some((address, _)) = rest.split_once([' ', '\n'])
            {
                let start = started.elapsed();
                let address = address.parse().expect("an address");
                return Self {
                    child,
                    address,
                    start,
                    threads: RefCell::default(),
                };
            }
            let ended = child.try_wait().expect("a child");
            assert!(ended.is_none(), "the server ended:\n{said}");
            assert!(started.elapsed() < PATIENCE, "no server:\n{said}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The processor time of all its threads so far. Of one that ended, what it had
    /// when this was last asked.
    pub(crate) fn cpu(&self) -> Duration {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.id())).expect("a process");
        let mut threads = self.threads.borrow_mut();
        threads.extend(tasks.filter_map(|task| {
            let task = task.ok()?;
            let stat = fs::read_to_string(task.path().join("schedstat")).ok()?;
            let nanoseconds = stat.split(' ').next()?.parse().ok()?;
            Some((task.file_name(), Duration::from_nanos(nanoseconds)))
        }));
        threads.values().sum()
    }

    /// A line of `/proc/<id>/smaps_rollup`, in bytes: `Pss_Anon`, `Rss`.
    pub(crate) fn memory(&self, line: &str) -> u64 {
        let path = format!("/proc/{}/smaps_rollup", self.id());
        let rollup = fs::read_to_string(path).expect("a process");
        let found = rollup.lines().find_map(|entry| {
            let (name, value) = entry.split_once(':')?;
            let kilobytes = value.trim().strip_suffix(" kB")?;
            (name == line).then(|| kilobytes.trim().parse::<u64>().ok())?
        });
        found.expect("the line") * 1024
    }
}

/// Binds for one of this program's own servers, and says where.
pub(crate) async fn listen() -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
    eprintln!(" listening={} ", listener.local_addr().expect("an address"));
    listener
}

/// Keeps this thread, and those that it starts, on the core of whoever measures.
pub(crate) fn pin_to_load_core() {
    let mut cores = CpuSet::new();
    cores.set(LOAD_CORE);
    sched_setaffinity(None, &cores).expect("a second core");
}

/// Puts this thread, and whatever it starts, before others on a machine that is
/// shared, if that is allowed.
pub(crate) fn raise_priority() {
    let _ = setpriority_process(None, -10);
}
