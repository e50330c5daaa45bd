//! Which thresholds fit this embedding model and this taxonomy?
//!
//! Real JDs answer, and nobody has to label them: a JD whose title *is* a role's name or alias says by its title
//! which role it is. Set the title aside, and see how often and by how much responsibilities and skills agree with it;
//! JDs whose title is like no name show what a JD scores that has no role here. The same with titles: leave an alias
//! out and see whether the nearest other name belongs to its role; leave its role out and see how similar a wrong name
//! can be; and see how often the body of a real JD agrees with the name its title is near to.
//!
//! All scores are the engine's own. The thresholds are read off the half of the JDs whose id hashes to an even number;
//! the other half is decided by the engine with the thresholds before and after, and what comes out is printed.
//!
//! ```sh
//! ROLESTREAM_DATA=jds.jsonl cargo run --release --example calibrate -- target/calibration
//! ```
//!
//! `ROLESTREAM_DATA` is whatever `rolestream classify` reads, with titles, or a folder with
//! `jds/jds_dev.jsonl.gz`. `ROLESTREAM_TAXONOMY` is a taxonomy's folder; unset, the one that is shipped. Tables are
//! printed; the folder gets the suggested calibration as TOML and its curves as SVG. The rules behind the
//! suggestions stand in `suggest.rs`.

mod chart;
mod data;
mod held_out;
mod measure;
mod suggest;

use data::{Half, Jd};
use rolestream::embed::{Calibration, Embedder, StaticTable};
use rolestream::taxonomy::Taxonomy;
use std::error::Error;
use std::path::{Path, PathBuf};
use suggest::Measured;

/// JDs of one role that count: a few roles would rule the figures otherwise.
const MOST_OF_A_ROLE: usize = 120;

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
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let roles = data::Roles::new(&taxonomy, &*embedder)?;
    let jds = data::read(PathBuf::from(jds), &roles, MOST_OF_A_ROLE, &*embedder, threads)?;
    let (count, labelled, foreign) = (roles.slugs.len(), jds.labelled.len(), jds.foreign.len());
    println!("{}, {}: {count} roles, {labelled} labelled and {foreign} foreign JDs", embedder.model(), roles.name);
    println!("{} JDs have a title near a name; thresholds are read off one half of all", jds.near.len());

    fn fit(jds: &[Jd]) -> impl Iterator<Item = &Jd> {
        jds.iter().filter(|jd| jd.half == Half::Fit)
    }
    let measured = Measured {
        labelled: measure::bodies(fit(&jds.labelled), &roles),
        foreign: measure::bodies(fit(&jds.foreign), &roles),
        sentences: measure::sentences(fit(&jds.labelled), &roles),
        left_out: measure::left_out(&roles),
        near: measure::near(fit(&jds.near), &roles),
    };
    let suggestion = suggest::suggest(&measured);
    measure::print_roles(&measured.labelled, &roles);
    suggest::print(&suggestion);
    held_out::print(&jds, &roles, suggestion.thresholds, threads)?;

    let taxonomy = roles.name.clone();
    let calibration = Calibration { model: embedder.model().to_owned(), taxonomy, thresholds: suggestion.thresholds };
    std::fs::create_dir_all(&out)?;
    let (toml, svg) = (out.join(calibration.name() + ".toml"), out.join(calibration.name() + ".svg"));
    std::fs::write(&toml, toml::to_string(&calibration)?)?;
    chart::draw(&svg, &calibration, &suggestion)?;
    println!("\nwrote {} and {}", toml.display(), svg.display());
    Ok(())
}
