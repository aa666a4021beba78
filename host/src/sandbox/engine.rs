//! The engine: compilation and configuration, one per process.

use super::compile::CompileLimits;
use super::prepare::chain;
use serde::Deserialize;
use wasmtime::{Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};

/// What the sandbox needs to know before it starts.
#[derive(Debug, Clone)]
pub struct Config {
    /// How many evaluations may run at once.
    pub concurrency: usize,
    /// The most linear memory that any policy may be allowed, in bytes.
    pub memory: usize,
    /// What compiling one component may use.
    pub compile: CompileLimits,
}

/// The part of the host's configuration that is the sandbox's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileConfig {
    /// How many evaluations may run at once.
    pub concurrency: usize,
}

/// How the memory of instances is allocated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allocator {
    /// From slots that were set aside at the start. Fast.
    Pooling,
    /// From the system, each time. Slow.
    OnDemand {
        /// Why no slots could be set aside; mostly for want of address space.
        because: String,
    },
}

/// Why the sandbox does not start.
#[derive(Debug, thiserror::Error)]
#[error("the WebAssembly engine does not start")]
pub struct StartError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl From<wasmtime::Error> for StartError {
    fn from(error: wasmtime::Error) -> Self {
        Self(error.into())
    }
}

/// The stack of a guest, in bytes. Beyond it the guest traps.
const GUEST_STACK: usize = 512 * 1024;

/// Core instances, memories and tables of one component. Rust, Go and C have one
/// memory; interpreters and components for WASI have several small instances.
const CORE_INSTANCES: u32 = 32;
const MEMORIES: u32 = 4;
const TABLES: u32 = 8;

/// Elements of one table; the largest seen, a JavaScript engine's, has 7,700.
const TABLE_ELEMENTS: usize = 20_000;

/// What of a memory and of a table is kept between two instances, and reset
/// without giving it back to the system.
const MEMORY_KEPT: usize = 1024 * 1024;
const TABLE_KEPT: usize = 64 * 1024;

#[expect(
    clippy::disallowed_methods,
    reason = "this is where the engine is made"
)]
pub(super) fn start(config: &Config) -> Result<(Engine, Allocator), StartError> {
    match Engine::new(&settings(Some(config))) {
        Ok(engine) => Ok((engine, Allocator::Pooling)),
        Err(error) => {
            let because = chain(&error);
            Ok((
                Engine::new(&settings(None))?,
                Allocator::OnDemand { because },
            ))
        }
    }
}

/// An engine whose code the other can use, without anything set aside.
#[expect(
    clippy::disallowed_methods,
    reason = "the process that compiles has no other"
)]
pub(super) fn for_compiling() -> wasmtime::Result<Engine> {
    Engine::new(&settings(None))
}

fn settings(pool: Option<&Config>) -> wasmtime::Config {
    let mut settings = wasmtime::Config::new();
    settings
        .wasm_component_model(true)
        // The budget, the measure of cost and, by slices, the look at the clock.
        .consume_fuel(true)
        .epoch_interruption(false)
        // No policy needs these, and most advisories were about them. The crate
        // is built with `gc` and `threads`, whose absence has advisories too.
        .concurrency_support(false)
        .gc_support(false)
        .wasm_gc(false)
        .wasm_function_references(false)
        .wasm_exceptions(false)
        .wasm_threads(false)
        .wasm_memory64(false)
        .wasm_tail_call(false)
        .wasm_relaxed_simd(false)
        .wasm_custom_page_sizes(false)
        .wasm_wide_arithmetic(false)
        // Stays on: without it, a component with adapters makes the compiler
        // panic.
        .wasm_multi_memory(true)
        .cranelift_opt_level(OptLevel::Speed)
        // Unwinding tables are registered globally, at a cost that grows with
        // each policy loaded.
        .native_unwind_info(false)
        .generate_address_map(false)
        .memory_init_cow(true)
        .max_wasm_stack(GUEST_STACK);
    if let Some(config) = pool {
        settings.allocation_strategy(InstanceAllocationStrategy::Pooling(slots(config)));
    }
    settings
}

fn slots(config: &Config) -> PoolingAllocationConfig {
    let evaluations = u32::try_from(config.concurrency).unwrap_or(u32::MAX);
    // There is room for every evaluation that gets a permit, whatever it needs:
    // an unused slot costs address space and nothing else.
    let total = |each: u32| evaluations.saturating_mul(each);
    let mut slots = PoolingAllocationConfig::new();
    slots
        .total_component_instances(evaluations)
        .total_core_instances(total(CORE_INSTANCES))
        .total_memories(total(MEMORIES))
        .total_tables(total(TABLES))
        .total_stacks(evaluations)
        .max_core_instances_per_component(CORE_INSTANCES)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .max_memory_size(config.memory)
        .table_elements(TABLE_ELEMENTS)
        .max_unused_warm_slots(evaluations)
        .linear_memory_keep_resident(MEMORY_KEPT)
        .table_keep_resident(TABLE_KEPT)
        // Where the kernel can tell which pages were touched, only those are
        // reset; elsewhere the kept part is reset whole.
        .pagemap_scan(Enabled::Auto);
    slots
}
