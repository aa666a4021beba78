//! Exports the contract's name with another type.

wit_bindgen::generate!({
    inline: "
        package hookwarden:policy@0.1.0;
        interface registration {
          decide: func(call: string) -> string;
        }
        world registration-policy { export registration; }
    ",
});

struct WrongType;

impl exports::hookwarden::policy::registration::Guest for WrongType {
    fn decide(call: String) -> String {
        call
    }
}

export!(WrongType);
