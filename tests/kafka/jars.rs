//! Where does Kafka come from? Maven fetches it once into the build folder, by the list in `pom.xml`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder with Kafka's jars, or what is missing and how to get it.
pub(super) fn folder() -> Result<PathBuf, String> {
    for (program, package) in [("java", "openjdk-17-jre-headless"), ("mvn", "maven")] {
        let version = Command::new(program).arg("-version").output();
        if !version.is_ok_and(|output| output.status.success()) {
            return Err(format!("there is no `{program}`; on Debian and Ubuntu: apt-get install {package}"));
        }
    }
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap_or(Path::new("target"));
    let pom = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kafka/pom.xml");
    let jars = target.join(format!("kafka-{}", version(&pom)));
    if jars.is_dir() {
        return Ok(jars);
    }
    // Several test programs may do so at once: each into a folder of its own, and the first to be done names it.
    let partial =
        tempfile::Builder::new().prefix("kafka-partial-").tempdir_in(target).map_err(|error| error.to_string())?;
    let output = Command::new("mvn")
        .args(["-q", "-B", "-f"])
        .arg(&pom)
        .args(["dependency:copy-dependencies", "-DincludeScope=runtime"])
        .arg(format!("-DoutputDirectory={}", partial.path().display()))
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout);
        let last = said.lines().find(|line| line.contains("ERROR")).unwrap_or("it says nothing");
        return Err(format!("Maven cannot fetch Kafka: {last}"));
    }
    if std::fs::rename(partial.path(), &jars).is_err() {
        assert!(jars.is_dir(), "{} cannot be made", jars.display());
    }
    Ok(jars)
}

fn version(pom: &Path) -> String {
    let pom = std::fs::read_to_string(pom).expect("pom.xml is beside this file");
    let (_, rest) = pom.split_once("<artifactId>kafka_2.13</artifactId>").expect("it names Kafka");
    let (_, rest) = rest.split_once("<version>").expect("and its version");
    rest.split('<').next().unwrap_or_default().to_owned()
}
