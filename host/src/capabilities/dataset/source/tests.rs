//! A file that changes between looks.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::super::{Format, Matching, ReadLimits, Shape};
use super::{Dataset, DatasetError, Look, ReadError};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self) -> PathBuf {
        self.path("list.txt")
    }

    fn write(&self, text: &str) {
        fs::write(self.file(), text).unwrap();
    }

    fn replace(&self, text: &str) {
        let new = self.path("new");
        fs::write(&new, text).unwrap();
        fs::rename(new, self.file()).unwrap();
    }

    fn dataset(&self) -> Dataset {
        let shape = Shape {
            format: Format::Text,
            matching: Matching::Domain,
            key: None,
        };
        let limits = ReadLimits {
            bytes: 100,
            entries: 10,
        };
        Dataset::new("domains", self.file(), shape, limits)
    }
}

#[track_caller]
fn assert_read(look: Look, entries: usize) {
    let Look::Read { entries: read, .. } = look else {
        panic!("{look:?}");
    };
    assert_eq!(read, entries);
}

#[track_caller]
fn assert_broken(look: Look, part: &str) {
    let Look::Broken(error) = look else {
        panic!("{look:?}");
    };
    let error = error.to_string();
    assert!(error.contains(part), "{error}");
}

#[track_caller]
fn assert_same(look: Look) {
    assert!(matches!(look, Look::Same), "{look:?}");
}

#[track_caller]
fn assert_settling(look: Look) {
    assert!(matches!(look, Look::Settling), "{look:?}");
}

#[track_caller]
fn assert_has(dataset: &Dataset, domain: &str) {
    assert!(dataset.snapshot().unwrap().contains(domain));
}

#[test]
fn the_first_look_reads() {
    let folder = Folder::new();
    folder.write("a.example\nb.example\n");
    let dataset = folder.dataset();
    assert_eq!(
        (dataset.name(), dataset.path()),
        ("domains", &*folder.file())
    );
    assert!(dataset.snapshot().is_none());
    assert!(dataset.problem().is_none());
    assert_read(dataset.look(), 2);
    assert_has(&dataset, "a.example");
    assert_same(dataset.look());
    assert_same(dataset.look());
}

#[test]
fn a_file_that_is_replaced_is_read_when_it_has_settled() {
    let folder = Folder::new();
    folder.write("a.example");
    let dataset = folder.dataset();
    assert_read(dataset.look(), 1);
    let before = dataset.snapshot().unwrap();

    folder.replace("b.example");
    assert_settling(dataset.look());
    assert_has(&dataset, "a.example");
    folder.replace("c.example");
    assert_settling(dataset.look());
    let Look::Read { entries, revision } = dataset.look() else {
        panic!("it has settled");
    };
    assert_same(dataset.look());

    let after = dataset.snapshot().unwrap();
    assert_eq!((entries, &*revision), (1, after.revision()));
    assert_ne!(before.revision(), after.revision());
    assert!(after.contains("c.example") && !after.contains("a.example"));
    assert!(before.contains("a.example"), "who holds it sees no change");
}

#[test]
fn a_file_that_is_written_in_place_is_read_when_it_has_settled() {
    let folder = Folder::new();
    folder.write("a.example");
    let dataset = folder.dataset();
    assert_read(dataset.look(), 1);
    for text in ["b.exa", "b.example\nc", "b.example\nc.example"] {
        folder.write(text);
        assert_settling(dataset.look());
        assert_has(&dataset, "a.example");
    }
    assert_read(dataset.look(), 2);
}

#[test]
fn what_a_link_points_to_is_looked_at() {
    let folder = Folder::new();
    fs::write(folder.path("one"), "a.example").unwrap();
    fs::write(folder.path("two"), "b.example").unwrap();
    let link = |to: &str| {
        std::os::unix::fs::symlink(to, folder.path("link")).unwrap();
        fs::rename(folder.path("link"), folder.file()).unwrap();
    };
    link("one");
    let dataset = folder.dataset();
    assert_read(dataset.look(), 1);
    link("two");
    assert_settling(dataset.look());
    assert_read(dataset.look(), 1);
    assert_has(&dataset, "b.example");
}

#[test]
fn a_broken_file_keeps_the_content_and_is_told_once() {
    let folder = Folder::new();
    folder.write("a.example");
    let dataset = folder.dataset();
    assert_read(dataset.look(), 1);
    let before = dataset.snapshot().unwrap();

    folder.replace("b.example\nno domain\n");
    assert_settling(dataset.look());
    assert!(dataset.problem().is_none());
    assert_broken(dataset.look(), "list.txt`: line 2: no domain");
    assert_same(dataset.look());
    assert!(dataset.problem().unwrap().contains("line 2"));
    assert_eq!(dataset.snapshot().unwrap().revision(), before.revision());
    assert_has(&dataset, "a.example");

    folder.replace("b.example\nno  domain\n");
    assert_settling(dataset.look());
    assert_broken(dataset.look(), "line 2");

    folder.replace("b.example\n");
    assert_settling(dataset.look());
    assert!(dataset.problem().is_some());
    assert_read(dataset.look(), 1);
    assert!(dataset.problem().is_none());
    assert_has(&dataset, "b.example");
}

#[test]
fn a_file_that_is_not_there_is_told_once_and_read_when_it_is() {
    let folder = Folder::new();
    let dataset = folder.dataset();
    assert_broken(dataset.look(), "list.txt` cannot be read");
    assert_same(dataset.look());
    assert!(dataset.problem().is_some());
    assert!(dataset.snapshot().is_none());
    folder.write("a.example");
    assert_settling(dataset.look());
    assert_read(dataset.look(), 1);

    fs::remove_file(folder.file()).unwrap();
    assert_settling(dataset.look());
    assert_broken(dataset.look(), "cannot be read");
    assert_same(dataset.look());
    assert_has(&dataset, "a.example");
    folder.write("a.example");
    assert_settling(dataset.look());
    assert_read(dataset.look(), 1);
    assert!(dataset.problem().is_none());
}

#[test]
fn a_file_that_is_gone_for_a_moment_is_no_problem() {
    let folder = Folder::new();
    folder.write("a.example");
    let dataset = folder.dataset();
    assert_read(dataset.look(), 1);
    let aside = folder.path("aside");
    fs::rename(folder.file(), &aside).unwrap();
    assert_settling(dataset.look());
    folder.write("b.example");
    assert_settling(dataset.look());
    assert_read(dataset.look(), 1);
    assert_has(&dataset, "b.example");
}

#[test]
fn more_than_the_limit_is_not_read() {
    let folder = Folder::new();
    folder.write(&"#".repeat(100));
    let dataset = folder.dataset();
    assert_read(dataset.look(), 0);
    folder.write(&"#".repeat(101));
    assert_settling(dataset.look());
    assert_broken(dataset.look(), "more than 100 bytes");
    // A hole of a terabyte takes no time, and is not made room for.
    let file = fs::File::create(folder.file()).unwrap();
    file.set_len(1 << 40).unwrap();
    assert_settling(dataset.look());
    assert_broken(dataset.look(), "more than 100 bytes");
    assert_eq!(dataset.snapshot().unwrap().len(), 0);
}

#[test]
fn what_is_no_file_does_not_hang() {
    let folder = Folder::new();
    mknodat(CWD, folder.file(), FileType::Fifo, Mode::RUSR, 0).unwrap();
    let dataset = folder.dataset();
    assert_broken(dataset.look(), "is no regular file");
    assert_same(dataset.look());
    fs::remove_file(folder.file()).unwrap();
    fs::create_dir(folder.file()).unwrap();
    assert_settling(dataset.look());
    assert_broken(dataset.look(), "is no regular file");
    assert_same(dataset.look());
    for device in ["/dev/zero", "/dev/null"] {
        let read = crate::files::read(Path::new(device), 100);
        assert!(matches!(read, Err(ReadError::NotAFile { .. })), "{device}");
    }
}

#[test]
fn a_file_that_changes_while_it_is_read_is_not_taken() {
    let folder = Folder::new();
    folder.write("a.example");
    let dataset = folder.dataset();
    let look = || {
        dataset.look_with(|| {
            let read = dataset.read();
            folder.write("a.example\nb.example");
            read
        })
    };
    assert_settling(look());
    assert!(dataset.snapshot().is_none());
    assert_read(dataset.look(), 2);
}

#[test]
fn a_file_that_changes_while_it_is_refused_is_not_told() {
    let folder = Folder::new();
    folder.write("no domain");
    let dataset = folder.dataset();
    let look = || {
        dataset.look_with(|| {
            let read = dataset.read();
            folder.replace("a.example");
            read
        })
    };
    assert_settling(look());
    assert!(dataset.problem().is_none());
    assert_read(dataset.look(), 1);
}

#[test]
fn what_is_refused_for_now_is_read_later_although_it_looks_the_same() {
    let folder = Folder::new();
    folder.write("a.example");
    let dataset = folder.dataset();
    let refused = || {
        let (path, error) = (folder.file(), std::io::Error::other("too many open files"));
        Err(ReadError::Io { path, error }.into())
    };
    assert_broken(dataset.look_with(refused), "too many open files");
    assert_same(dataset.look_with(refused));
    assert_read(dataset.look(), 1);
    assert!(dataset.problem().is_none());
    let unread = dataset.look_with(|| panic!("it has not changed"));
    assert_same(unread);
}

#[test]
fn a_file_that_may_not_be_read_is_told_once() {
    let folder = Folder::new();
    folder.write("a.example");
    fs::set_permissions(folder.file(), PermissionsExt::from_mode(0o000)).unwrap();
    if fs::File::open(folder.file()).is_ok() {
        // The superuser is refused nothing; for it, a link in a circle is.
        fs::remove_file(folder.file()).unwrap();
        std::os::unix::fs::symlink("list.txt", folder.file()).unwrap();
    }
    let dataset = folder.dataset();
    let Look::Broken(DatasetError::Read(ReadError::Io { .. })) = dataset.look() else {
        panic!("it cannot be opened");
    };
    assert_same(dataset.look());
    assert!(dataset.problem().is_some());
    folder.replace("b.example");
    assert_settling(dataset.look());
    assert_read(dataset.look(), 1);
}

#[test]
fn it_is_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    let folder = Folder::new();
    folder.write("a.example");
    let dataset = folder.dataset();
    shared(&dataset);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| dataset.look());
        }
    });
    assert_has(&dataset, "a.example");
}
