//! Placing: what was built is put where it is looked for.

use std::path::Path;

/// Copies, so that nobody who looks sees half of a file.
pub(super) fn put(from: &Path, to: &Path) -> std::io::Result<()> {
    let folder = to.parent().expect("it is in `policies`");
    std::fs::create_dir_all(folder)?;
    // Hidden: a folder of policies may be here.
    let part = folder.join(format!(".{}.part", std::process::id()));
    std::fs::copy(from, &part)?;
    std::fs::rename(&part, to)
}

/// Takes away what is not there any more.
pub(super) fn remove(file: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

#[cfg(test)]
mod tests {
    use super::put;

    #[test]
    fn a_component_is_put_in_its_place_whole_and_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let from = folder.path().join("built.wasm");
        let to = folder.path().join("policies/a.wasm");
        for content in ["one", "another"] {
            std::fs::write(&from, content).expect("a file");
            put(&from, &to).expect("a copy");
            let put = std::fs::read_to_string(&to).expect("the copy");
            assert_eq!(put, content);
        }
        let entries = std::fs::read_dir(folder.path().join("policies")).expect("a folder");
        assert_eq!(entries.count(), 1);
    }
}
