//! The engine: compilation and configuration, one per process.

use super::compile::CompileLimits;
use super::prepare::chain;
use serde::Deserialize;
use wasmtime::{
    Enabled, Engine, InstanceAllocationStrategy, OperatorCost, OptLevel, PoolingAllocationConfig,
};

/// What the sandbox needs to know before it starts.
#[derive(Debug, Clone)]
pub struct Config {
    /// How many evaluations there may be at once.
    pub evaluations: usize,
    /// How many of them may be in the slow lane.
    pub slow: usize,
    /// How its threads stand to others.
    pub priority: Priority,
    /// The stack of a guest, in bytes. Beyond it the guest traps.
    pub stack: usize,
    /// The most linear memory that any policy may be allowed, in bytes.
    pub memory: usize,
    /// The most table elements that any policy may be allowed.
    pub table_elements: usize,
    /// What compiling one component may use.
    pub compile: CompileLimits,
    /// The most compiled code that may be loaded at once.
    pub code: bytesize::ByteSize,
}

/// How the threads of the slow lane, and compilers, stand to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// They run when nobody else wants the processor.
    Idle,
    /// Like any other: where somebody waits for them who has the machine, and for tests
    /// that are about something else, beside which others run.
    Normal,
}

/// The part of the host's configuration that is the sandbox's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileConfig {
    /// See [`Config::evaluations`].
    pub evaluations: usize,
    /// See [`Config::slow`].
    pub slow_evaluations: usize,
    /// See [`Config::stack`].
    pub stack: bytesize::ByteSize,
    /// See [`Config::code`].
    pub code: bytesize::ByteSize,
}

/// Slots that were set aside, and how many are in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool {
    /// Linear memories.
    pub memories: usize,
    /// Tables.
    pub tables: usize,
    /// Stacks.
    pub stacks: usize,
    /// Bytes that are kept for the next instances.
    pub kept: usize,
}

impl Pool {
    pub(super) fn of(engine: &Engine) -> Option<Self> {
        let metrics = engine.pooling_allocator_metrics()?;
        let stacks = metrics.unused_stack_bytes_resident().unwrap_or_default();
        Some(Self {
            memories: metrics.memories(),
            tables: metrics.tables(),
            stacks: metrics.stacks(),
            kept: metrics.unused_memory_bytes_resident()
                + metrics.unused_table_bytes_resident()
                + stacks,
        })
    }
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

impl From<std::io::Error> for StartError {
    fn from(error: std::io::Error) -> Self {
        Self(error.into())
    }
}

impl From<wasmtime::Error> for StartError {
    fn from(error: wasmtime::Error) -> Self {
        Self(error.into())
    }
}

/// What the host's own functions may use of a stack beyond the guest's, in bytes.
const HOST_STACK: usize = 1536 * 1024;

/// Core instances, memories and tables of one component. Rust, Go and C have one
/// memory; interpreters and components for WASI have several small instances.
const CORE_INSTANCES: u32 = 32;
const MEMORIES: u32 = 4;
const TABLES: u32 = 8;

/// Memories that stay as a policy's next instance needs them. For more policies than
/// that, called in turn, each instance has its memory mapped anew, which takes as long
/// as the evaluation. What they hold is what policies wrote, and at most
/// [`MEMORY_KEPT`] each.
const WARM_MEMORIES: u32 = 1024;

/// What of a memory and of a table is kept between two instances, and reset
/// without giving it back to the system.
const MEMORY_KEPT: usize = 1024 * 1024;
const TABLE_KEPT: usize = 64 * 1024;

#[expect(
    clippy::disallowed_methods,
    reason = "this is where the engine is made"
)]
pub(super) fn start(config: &Config) -> Result<(Engine, Allocator), StartError> {
    let pooling = pooling(config);
    match Engine::new(&pooling) {
        Ok(engine) => Ok((engine, Allocator::Pooling)),
        Err(error) => {
            let because = chain(&error);
            let reserve = Some(config.memory as u64);
            let engine = Engine::new(&settings(config.stack, reserve))?;
            Ok((engine, Allocator::OnDemand { because }))
        }
    }
}

fn pooling(config: &Config) -> wasmtime::Config {
    let mut settings = settings(config.stack, None);
    settings.allocation_strategy(InstanceAllocationStrategy::Pooling(slots(config)));
    settings
}

/// An engine whose code the other can use, without anything set aside.
#[expect(
    clippy::disallowed_methods,
    reason = "the process that compiles has no other"
)]
pub(super) fn for_compiling(reserve: Option<u64>) -> wasmtime::Result<Engine> {
    // How large a stack is does not change the code.
    Engine::new(&settings(LEAST_STACK, reserve))
}

/// The smallest stack that may be configured, in bytes.
pub const LEAST_STACK: usize = 64 * 1024;

/// The largest.
pub const MOST_STACK: usize = 8 * 1024 * 1024;

/// `reserve` is the address space that a memory has from the start, in bytes. With all
/// that it can ever have, no access needs a check; where there is too little for
/// that, many instances need less each.
fn settings(stack: usize, reserve: Option<u64>) -> wasmtime::Config {
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
        .operator_cost(costs())
        .async_stack_size(stack + HOST_STACK)
        .max_wasm_stack(stack);
    if let Some(bytes) = reserve {
        settings
            .memory_reservation(bytes)
            .memory_reservation_for_growth(GUARD)
            .memory_guard_size(GUARD);
    }
    settings
}

/// What follows a memory that has little address space, in bytes.
const GUARD: u64 = 64 * 1024;

/// What operators cost, in fuel: one, or nothing, except those that call into the
/// host and take as long as many others. A slice of these is not to hold a thread
/// for longer than a slice of any other.
fn costs() -> OperatorCost {
    let mut costs = OperatorCost::new();
    for (cost, fuel) in [
        (&mut costs.MemoryGrow, GROWING),
        (&mut costs.TableGrow, GROWING),
        (&mut costs.MemoryCopy, LIBRARY_CALL),
        (&mut costs.MemoryFill, LIBRARY_CALL),
        (&mut costs.MemoryInit, LIBRARY_CALL),
        (&mut costs.DataDrop, LIBRARY_CALL),
        (&mut costs.TableCopy, LIBRARY_CALL),
        (&mut costs.TableFill, LIBRARY_CALL),
        (&mut costs.TableInit, LIBRARY_CALL),
        (&mut costs.ElemDrop, LIBRARY_CALL),
        (&mut costs.RefFunc, LIBRARY_CALL),
    ] {
        *cost = fuel;
    }
    costs
}

/// An operator that mostly asks the system for memory.
const GROWING: u8 = 255;

/// An operator that is a call of a function of the engine's.
const LIBRARY_CALL: u8 = 32;

fn slots(config: &Config) -> PoolingAllocationConfig {
    let evaluations = u32::try_from(config.evaluations).unwrap_or(u32::MAX);
    // There is room for every evaluation that gets a permit, whatever it needs:
    // an unused slot costs address space and nothing else.
    let total = |each: u32| evaluations.saturating_mul(each);
    let mut slots = PoolingAllocationConfig::new();
    slots
        .total_component_instances(evaluations)
        .total_core_instances(total(CORE_INSTANCES))
        .total_memories(total(MEMORIES).max(WARM_MEMORIES))
        .total_tables(total(TABLES))
        .total_stacks(evaluations)
        .max_core_instances_per_component(CORE_INSTANCES)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .max_memory_size(config.memory)
        .table_elements(config.table_elements)
        .max_unused_warm_slots(WARM_MEMORIES)
        .linear_memory_keep_resident(MEMORY_KEPT)
        .table_keep_resident(TABLE_KEPT)
        // Where the kernel can tell which pages were touched, only those are
        // reset; elsewhere the kept part is reset whole.
        .pagemap_scan(Enabled::Auto);
    slots
}
