//! Room for child processes that compile: as many at once as there are processors
//! for, and as there is memory for.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

/// Where there is memory enough: for each processor one that is quick and one that
/// is not.
pub(super) static MOST: LazyLock<usize> =
    LazyLock::new(|| 2 * std::thread::available_parallelism().map_or(1, usize::from));

/// How many children may run at once that take this much memory each: at least one.
pub(super) fn children(memory: u64) -> usize {
    let meminfo = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let cgroups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let limits = cgroup_limits(&cgroups, Path::new("/sys/fs/cgroup"));
    let there_is = available(&meminfo).into_iter().chain(limits).min();
    fit(there_is, memory)
}

fn fit(there_is: Option<u64>, memory: u64) -> usize {
    let room = there_is.map_or(u64::MAX, |there_is| there_is / memory.max(1));
    usize::try_from(room).unwrap_or(usize::MAX).clamp(1, *MOST)
}

/// What the machine has left, in bytes.
fn available(meminfo: &str) -> Option<u64> {
    let mut lines = meminfo.lines();
    let line = lines.find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    kilobytes.checked_mul(1024)
}

/// What this process's control group may have, and those around it, in bytes.
fn cgroup_limits(cgroups: &str, root: &Path) -> Vec<u64> {
    // Version 2 has number 0 and no name.
    let mut lines = cgroups.lines();
    let Some(group) = lines.find_map(|line| line.strip_prefix("0::/")) else {
        return Vec::new();
    };
    let group = root.join(group);
    let around = group
        .ancestors()
        .take_while(|group| group.starts_with(root));
    // `max` stands for no limit.
    let limit = |group: &Path| {
        fs::read_to_string(group.join("memory.max"))
            .ok()?
            .trim()
            .parse()
            .ok()
    };
    around.filter_map(limit).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{MOST, available, cgroup_limits, fit};

    #[test]
    fn there_are_as_many_as_fit_and_at_least_one() {
        assert_eq!(fit(Some(0), 10), 1);
        assert_eq!(fit(Some(19), 10), 1);
        assert_eq!(fit(Some(20), 10), 2);
        assert_eq!(fit(Some(u64::MAX), 10), *MOST);
        assert_eq!(fit(None, 10), *MOST);
        assert_eq!(fit(Some(10), 0), 10.min(*MOST));
    }

    #[test]
    fn what_the_system_says_is_read() {
        let meminfo = "MemTotal:       24684084 kB\nMemAvailable:         23 kB\nBuffers: 1 kB\n";
        assert_eq!(available(meminfo), Some(23 * 1024));
        assert_eq!(available("MemAvailable: much"), None);

        let dir = tempfile::tempdir().expect("a folder");
        let inner = dir.path().join("outer/inner");
        fs::create_dir_all(&inner).expect("folders");
        fs::write(inner.join("memory.max"), "max\n").expect("written");
        fs::write(inner.join("../memory.max"), "4096\n").expect("written");
        let cgroups = "4:memory:/other\n0::/outer/inner\n";
        assert_eq!(cgroup_limits(cgroups, dir.path()), [4096]);
        assert!(cgroup_limits("4:memory:/outer\n", dir.path()).is_empty());
    }
}
