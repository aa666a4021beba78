//! What this binary carries for new packages: the contract, the SDKs and the templates.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The files below a folder of the repository, in the order of their paths: each with its
/// path from that folder, and its content.
pub(super) fn below(folder: &str) -> impl Iterator<Item = (&'static str, &'static [u8])> {
    FILES.iter().filter_map(move |&(path, content)| {
        let path = path.strip_prefix(folder)?.strip_prefix('/')?;
        Some((path, content))
    })
}

/// A file that is text; `None` if there is none.
pub(super) fn text(path: &str) -> Option<&'static str> {
    let (_, content) = FILES.iter().find(|(embedded, _)| *embedded == path)?;
    std::str::from_utf8(content).ok()
}

#[cfg(test)]
mod tests {
    use super::{FILES, below, text};

    #[test]
    fn what_tools_write_and_what_authors_do_not_need_is_not_carried() {
        for (path, _) in FILES {
            let mut folders = path.split('/');
            let written = ["node_modules", ".venv", "__pycache__", "target", "dist"];
            assert!(!folders.any(|folder| written.contains(&folder)), "{path}");
            for left_out in ["plugin-sdk/typescript/test/", "plugin-sdk/python/tests/"] {
                assert!(!path.starts_with(left_out), "{path}");
            }
        }
    }

    #[test]
    fn the_contract_and_an_sdk_are_carried() {
        assert!(below("wit").any(|(path, _)| path == "worlds.wit"));
        assert!(below("wit/deps").any(|(path, _)| path == "wasi-io.wit"));
        assert!(text("plugin-sdk/src/lib.rs").is_some_and(|text| text.starts_with("//!")));
    }
}
