//! The Rust SDK's manifest outside of its workspace.
//!
//! In the repository it leaves to the workspace what all packages share: versions of
//! dependencies, the edition, the lints. A package that carries a copy of the SDK has no
//! such workspace, so the copy says everything itself.

use toml::{Table, Value};

/// The manifest of a member, without what it inherits from the workspace's: each
/// `workspace = true` becomes what it stands for.
///
/// # Errors
///
/// One of the two is no TOML, or the workspace does not have what the member inherits.
pub(super) fn manifest(member: &str, workspace: &str) -> Result<String, String> {
    let parse = |text: &str| text.parse::<Table>().map_err(|error| error.to_string());
    let mut member = parse(member)?;
    let workspace = parse(workspace)?;
    let shared = |table: &str| {
        let shared = workspace.get("workspace")?.get(table)?.as_table();
        shared.cloned()
    };
    for (table, of) in [
        ("package", "package"),
        ("dependencies", "dependencies"),
        ("dev-dependencies", "dependencies"),
    ] {
        if let Some(Value::Table(entries)) = member.get_mut(table) {
            let shared = shared(of).unwrap_or_default();
            for (name, value) in entries {
                resolve(name, value, &shared)?;
            }
        }
    }
    if member.get("lints").is_some_and(inherits) {
        let lints = shared("lints").ok_or("the workspace has no lints")?;
        member.insert("lints".to_owned(), Value::Table(lints));
    }
    // First what is read first.
    let (package, others) = member
        .into_iter()
        .partition::<Table, _>(|(table, _)| table == "package");
    let text = |table: &Table| toml::to_string(table).map_err(|error| error.to_string());
    Ok(format!("{}\n{}", text(&package)?, text(&others)?))
}

fn inherits(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

/// Puts what is shared in the place of what inherits it. What the member says besides,
/// such as `optional`, is kept.
fn resolve(name: &str, value: &mut Value, shared: &Table) -> Result<(), String> {
    if !inherits(value) {
        return Ok(());
    }
    let own = value.as_table_mut().map(std::mem::take).unwrap_or_default();
    let inherited = shared.get(name).cloned();
    let inherited = inherited.ok_or_else(|| format!("the workspace has no `{name}`"))?;
    let own: Table = own
        .into_iter()
        .filter(|(member, _)| member != "workspace")
        .collect();
    *value = match inherited {
        inherited if own.is_empty() => inherited,
        Value::Table(mut inherited) => {
            inherited.extend(own);
            Value::Table(inherited)
        }
        version => {
            let mut table = Table::from_iter([("version".to_owned(), version)]);
            table.extend(own);
            Value::Table(table)
        }
    };
    Ok(())
}

/// A lock file of cargo's with its packages in the order of their names, as cargo writes
/// it: a template cannot know where its own will stand.
pub(super) fn sorted_lock(lock: &str) -> String {
    const PACKAGE: &str = "\n[[package]]\n";
    let mut parts = lock.trim_end().split(PACKAGE);
    let head = parts.next().unwrap_or_default();
    let mut packages: Vec<_> = parts.map(str::trim_end).collect();
    packages.sort_by_key(|package| package.lines().next());
    let mut sorted = head.to_owned();
    for package in packages {
        sorted.push_str(PACKAGE);
        sorted.push_str(package);
        sorted.push('\n');
    }
    sorted
}

#[cfg(test)]
mod tests {
    use toml::Table;

    use super::{manifest, sorted_lock};

    const WORKSPACE: &str = r#"
        [workspace.package]
        edition = "2024"
        [workspace.dependencies]
        one = "1.0"
        two = { version = "2.0", default-features = false }
        [workspace.lints.rust]
        unsafe_code = "deny"
    "#;

    #[test]
    fn what_is_inherited_becomes_what_it_stands_for() {
        let member = r#"
            [package]
            name = "sdk"
            edition.workspace = true
            [dependencies]
            one = { workspace = true, optional = true }
            two = { workspace = true, features = ["a"] }
            three = "3"
            [lints]
            workspace = true
        "#;
        let alone = manifest(member, WORKSPACE).expect("a manifest");
        let expected = r#"
            [package]
            name = "sdk"
            edition = "2024"
            [dependencies]
            one = { version = "1.0", optional = true }
            two = { version = "2.0", default-features = false, features = ["a"] }
            three = "3"
            [lints.rust]
            unsafe_code = "deny"
        "#;
        let parse = |text: &str| text.parse::<Table>().expect("TOML");
        assert_eq!(parse(&alone), parse(expected));
        assert!(alone.starts_with("[package]\n"), "{alone}");
    }

    #[test]
    fn what_the_workspace_does_not_have_is_said() {
        let member = "[dependencies]\nfour.workspace = true\n";
        let error = manifest(member, WORKSPACE).expect_err("no `four`");
        assert_eq!(error, "the workspace has no `four`");
    }

    #[test]
    fn a_lock_file_is_in_the_order_of_the_names() {
        let package = |name: &str| format!("\n[[package]]\nname = \"{name}\"\nversion = \"1\"\n");
        let file = |names: [&str; 3]| format!("version = 4\n{}", names.map(package).concat());
        let sorted = sorted_lock(&file(["z", "a", "m"]));
        assert_eq!(sorted, file(["a", "m", "z"]));
    }
}
