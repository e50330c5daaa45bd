//! Which taxonomy does the service begin with? Eight roles in a folder, as people write them.

use std::path::Path;

/// A role: slug, display name, alias, responsibilities, skills.
type Role = (&'static str, &'static str, &'static str, [&'static str; 3], [&'static str; 3]);

pub(crate) const ROLES: [Role; 8] = [
    (
        "data-engineer",
        "Data Engineer",
        "ETL Developer",
        [
            "Builds pipelines that load records into the data warehouse.",
            "Models tables for analysts in SQL.",
            "Keeps nightly loads running and repairs failed ones.",
        ],
        ["kafka", "sql", "python"],
    ),
    (
        "web-developer",
        "Web Developer",
        "Frontend Developer",
        [
            "Builds accessible web pages and forms.",
            "Keeps pages fast on phones and in old browsers.",
            "Styles pages after the designs of others.",
        ],
        ["react", "javascript", "css"],
    ),
    (
        "database-administrator",
        "Database Administrator",
        "DBA",
        [
            "Installs and upgrades database servers.",
            "Backs databases up and restores them.",
            "Tunes slow queries and indexes.",
        ],
        ["oracle", "sql", "linux"],
    ),
    (
        "test-engineer",
        "Test Engineer",
        "QA Engineer",
        [
            "Writes automated tests for new features.",
            "Finds defects and describes how to reproduce them.",
            "Plans which releases are tested and how.",
        ],
        ["selenium", "junit", "python"],
    ),
    (
        "network-technician",
        "Network Technician",
        "Network Engineer",
        [
            "Configures routers and switches.",
            "Finds faults in cables and radio links.",
            "Watches traffic and plans capacity.",
        ],
        ["cisco", "linux", "wireshark"],
    ),
    (
        "bookkeeper",
        "Bookkeeper",
        "Accounts Clerk",
        [
            "Books invoices and payments.",
            "Reconciles bank statements each month.",
            "Prepares the annual accounts for the auditor.",
        ],
        ["excel", "sap", "datev"],
    ),
    (
        "cook",
        "Cook",
        "Kitchen Hand",
        [
            "Prepares meals after recipes.",
            "Orders fresh food and checks deliveries.",
            "Keeps the kitchen clean and safe.",
        ],
        ["haccp", "baking", "grilling"],
    ),
    (
        "analyst",
        "Business Analyst",
        "Requirements Analyst",
        [
            "Asks departments what they need and writes it down.",
            "Draws processes and finds where they fail.",
            "Presents figures to managers.",
        ],
        ["excel", "sql", "bpmn"],
    ),
];

/// A skill: slug and display name. The last six belong to no role, and are written into the folder by no one.
pub(crate) const SKILLS: [(&str, &str); 24] = [
    ("kafka", "Kafka"),
    ("sql", "SQL"),
    ("python", "Python"),
    ("react", "React"),
    ("javascript", "JavaScript"),
    ("css", "CSS"),
    ("oracle", "Oracle"),
    ("linux", "Linux"),
    ("selenium", "Selenium"),
    ("junit", "JUnit"),
    ("cisco", "Cisco"),
    ("wireshark", "Wireshark"),
    ("excel", "Excel"),
    ("sap", "SAP"),
    ("datev", "Datev"),
    ("haccp", "HACCP"),
    ("bpmn", "BPMN"),
    ("baking", "Baking"),
    ("zephyrix", "Zephyrix"),
    ("quillbase", "Quillbase"),
    ("tarnflow", "Tarnflow"),
    ("mossgrid", "Mossgrid"),
    ("lanternmill", "Lanternmill"),
    ("brackenware", "Brackenware"),
];

/// So many of them are there at first.
const KNOWN: usize = 18;

/// Writes the folder.
pub(crate) fn write(folder: &Path) {
    std::fs::create_dir_all(folder.join("roles")).unwrap();
    std::fs::create_dir_all(folder.join("skills")).unwrap();
    for ((slug, name, alias, kras, skills), id) in ROLES.iter().zip(1..) {
        let kras: String = kras.iter().enumerate().map(|(n, kra)| format!("k{n} = \"{kra}\"\n")).collect();
        let skills: Vec<String> = skills.iter().map(|skill| format!("\"{skill}\"")).collect();
        let text = format!(
            "id = {id}\nname = \"{name}\"\narchetype = \"Engineering\"\naliases = [\"{alias}\"]\n\n[kras]\n{kras}\n\
             [skills]\ntools = [{}]\n",
            skills.join(", ")
        );
        std::fs::write(folder.join(format!("roles/{slug}.toml")), text).unwrap();
    }
    let mut text = "[dimension]\nname = \"Tools\"\n".to_owned();
    for ((slug, name), id) in SKILLS[..KNOWN].iter().zip(1..) {
        text.push_str(&format!("\n[skills.{slug}]\nid = {id}\nname = \"{name}\"\nkind = \"tool\"\n"));
    }
    text.push_str("\n[skills.grilling]\nid = 99\nname = \"Grilling\"\nkind = \"practice\"\n");
    std::fs::write(folder.join("skills/tools.toml"), text).unwrap();
}
