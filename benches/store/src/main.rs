//! Which embedded store suits Rolestream? Measures fjall and redb under the engine's workload, and damages their files.
//!
//!     cargo run --release                     both, into a temporary folder
//!     cargo run --release -- speed FOLDER     only the workload, into a folder there is
//!     cargo run --release -- damage FOLDER    only the damage
//!     cargo run --release -- lists FOLDER     of that, only what befalls fjall's lists of its files
//!
//! Every measurement runs in a process of its own, so that peak memory is its own and a kill is a kill.

mod damage;
mod fjall_store;
mod redb_store;
mod speed;
mod store;
mod workload;

use std::path::{Path, PathBuf};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => {
            let folder = std::env::temp_dir().join(format!("rolestream-store-bench-{}", std::process::id()));
            both(&folder);
            let _ = std::fs::remove_dir_all(&folder);
        }
        ["speed", folder] => speed::table(Path::new(folder)),
        ["damage", folder] => damage::table(Path::new(folder)),
        ["lists", folder] => damage::lists(Path::new(folder)),
        // What a process of its own does.
        ["stage", candidate, stage, sync, folder] => speed::stage(candidate, stage, *sync == "sync", Path::new(folder)),
        ["look", candidate, jds, folder] => damage::look(candidate, jds.parse().unwrap(), Path::new(folder)),
        ["fill", candidate, jds, how, folder] => damage::fill(candidate, jds.parse().unwrap(), how, Path::new(folder)),
        other => {
            eprintln!("error: unknown arguments {other:?}\n  hint: see the top of src/main.rs");
            std::process::exit(2);
        }
    }
}

fn both(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    speed::table(folder);
    damage::table(folder);
}

/// This program, to start a stage with.
fn program() -> PathBuf {
    std::env::current_exe().unwrap()
}
