//! Which thresholds fit this embedding model and this taxonomy?
//!
//! Real JDs answer, and nobody has to label them: a JD whose title *is* a role's name or alias says by its title
//! which role it is. Set the title aside, score the body against the KRAs of every role, and see how often and by
//! how much the body agrees with the title; JDs whose title is like no name show what a body scores that has no
//! role here. The same with titles: leave an alias out and see whether the nearest other name belongs to its role;
//! leave its role out and see how similar a wrong name can be.
//!
//! ```sh
//! ROLESTREAM_DATA=jds.jsonl cargo run --release --example calibrate -- target/calibration
//! ```
//!
//! `ROLESTREAM_DATA` is a file of JSON lines with `title` and `text`, `.gz` or not, or a folder with
//! `jds/jds_dev.jsonl.gz`. `ROLESTREAM_TAXONOMY` is a taxonomy's folder; unset, the one that is shipped. Tables are
//! printed; the folder gets the suggested calibration as TOML and its curves as SVG. The rules behind the
//! suggestions stand in `suggest.rs`.

mod chart;
mod data;
mod measure;
mod suggest;

use rolestream::embed::{Calibration, Embedder, StaticTable};
use rolestream::taxonomy::Taxonomy;
use std::error::Error;
use std::path::{Path, PathBuf};

/// JDs of one role that count: a few roles would rule the figures otherwise.
const MOST_OF_A_ROLE: usize = 60;

fn main() -> Result<(), Box<dyn Error>> {
    let Some(jds) = std::env::var_os("ROLESTREAM_DATA") else {
        return Err("no job descriptions\n  ROLESTREAM_DATA is not set\n  hint: name a file of JSON lines".into());
    };
    let taxonomy = match std::env::var_os("ROLESTREAM_TAXONOMY") {
        Some(folder) => Taxonomy::load(Path::new(&folder))?,
        None => Taxonomy::shipped()?,
    };
    let out = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("target/calibration"), PathBuf::from);

    let embedder = StaticTable::built_in()?;
    let roles = data::Roles::new(&taxonomy, &*embedder)?;
    let jds = data::read(Path::new(&jds), &roles, MOST_OF_A_ROLE, &*embedder)?;
    let (count, labelled, foreign) = (roles.slugs.len(), jds.labelled.len(), jds.foreign.len());
    println!("{}, {}: {count} roles, {labelled} labelled and {foreign} foreign JDs", embedder.model(), roles.name);

    let bodies = measure::bodies(&jds.labelled, &roles, &*embedder)?;
    let foreign = measure::foreign(&jds.foreign, &roles, &*embedder)?;
    let suggestion = suggest::suggest(&bodies, &foreign, &measure::titles(&roles));
    measure::print_roles(&bodies, &roles);
    suggest::print(&suggestion);

    let taxonomy = roles.name.clone();
    let calibration = Calibration { model: embedder.model().to_owned(), taxonomy, thresholds: suggestion.thresholds };
    std::fs::create_dir_all(&out)?;
    let (toml, svg) = (out.join(calibration.name() + ".toml"), out.join(calibration.name() + ".svg"));
    std::fs::write(&toml, toml::to_string(&calibration)?)?;
    chart::draw(&svg, &calibration, &suggestion)?;
    println!("\nwrote {} and {}", toml.display(), svg.display());
    Ok(())
}
