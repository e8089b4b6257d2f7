use std::process::ExitCode;

/// Serving a request is many small allocations, and the allocator of the C library is slow at them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    devsanctum::cli::run(std::env::args_os())
}
