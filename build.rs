//! Which files outside `src` are compiled in? A new or changed one must bring a new build.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=config/taxonomy");
}
