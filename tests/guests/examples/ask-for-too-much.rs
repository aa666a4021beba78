//! Imports what no host has.

wit_bindgen::generate!({
    inline: "
        package hookwarden:policy@0.1.0;
        interface everything {
          take: func() -> string;
        }
        interface registration {
          decide: func(call: string) -> string;
        }
        world registration-policy {
          import everything;
          export registration;
        }
    ",
});

struct AskForTooMuch;

impl exports::hookwarden::policy::registration::Guest for AskForTooMuch {
    fn decide(_call: String) -> String {
        hookwarden::policy::everything::take()
    }
}

export!(AskForTooMuch);
