//! Built for a contract that does not exist yet.

wit_bindgen::generate!({
    inline: "
        package hookwarden:policy@0.2.0;
        interface registration {
          decide: func(call: string) -> string;
        }
        world registration-policy { export registration; }
    ",
});

struct OtherVersion;

impl exports::hookwarden::policy::registration::Guest for OtherVersion {
    fn decide(call: String) -> String {
        call
    }
}

export!(OtherVersion);
