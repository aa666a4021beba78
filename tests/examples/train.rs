//! What an optimizer is shown: a host that answers ordinary calls, for some seconds.
//! `.ci/dist` builds this program so that it writes down where its time goes.

use std::fs;
use std::time::Duration;

use hookwarden::policy::Policy;
use tests::calls::{self, ADMITTED, DENIED, HEADERS, ORDINARY, PATH, SECRET};
use tests::load::closed::Load;
use tests::plugins;
use tests::serving::Serving;

/// For each kind of call.
const TIME: Duration = Duration::from_secs(4);

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let policies = folder.join("policies");
    fs::create_dir(&policies).expect("a folder");
    let policy = policies.join("only-example-com.wasm");
    fs::copy(plugins::ONLY_EXAMPLE_COM, policy).expect("a component");
    let secret = folder.join("secret");
    fs::write(&secret, SECRET).expect("written");
    let config = format!(
        "[okta]\nlisten = '127.0.0.1:0'\nsecrets = [{{ file = '{}' }}]\n",
        secret.display()
    );
    let file = folder.join("hookwarden.toml");
    fs::write(&file, config).expect("written");
    let host = Serving::start(&file, &policies, Policy::clone);
    for (email, connections, bytes) in [
        (DENIED, 64, ORDINARY),
        (ADMITTED, 64, ORDINARY),
        (DENIED, 2, 10_000),
    ] {
        let call = calls::sign_up(email, bytes);
        let mut load = Load::new(
            host.address,
            connections,
            vec![PATH.to_owned()],
            HEADERS,
            &call,
        );
        let found = load.run(TIME);
        assert_eq!(found.seen.unexpected, 0, "{}", load.first_answer());
    }
}
