//! A small taxonomy whose roles contest titles and skills, and JDs between them: what random edits are tried on.

use std::path::Path;

/// Roles: slug, name, aliases, responsibilities, skills by dimension.
type Role = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static [(&'static str, &'static str)],
);

const ROLES: [Role; 6] = [
    (
        "data-engineer",
        "Data Engineer",
        &["ETL Developer", "Pipeline Engineer"],
        &[
            "Builds pipelines that load records into the data warehouse.",
            "Models tables for analysts in SQL.",
            "Keeps nightly loads running and repairs failed ones.",
        ],
        &[("data", "kafka sql python airflow"), ("ops", "docker")],
    ),
    (
        "analytics-engineer",
        "Analytics Engineer",
        &["BI Developer", "Pipeline Engineer"],
        &[
            "Models tables and metrics that analysts understand.",
            "Builds dashboards with which managers follow sales.",
            "Tests the figures of reports before they are published.",
        ],
        &[("data", "sql dbt tableau python")],
    ),
    (
        "backend-engineer",
        "Backend Engineer",
        &["Server Developer", "API Developer"],
        &[
            "Designs services and their interfaces for other teams.",
            "Writes tests for services and fixes what they find.",
            "Keeps services fast under load.",
        ],
        &[("web", "java spring"), ("data", "sql kafka"), ("ops", "docker")],
    ),
    (
        "web-developer",
        "Web Developer",
        &["Frontend Developer", "API Developer"],
        &[
            "Builds accessible web pages and forms.",
            "Keeps pages fast on phones and in old browsers.",
            "Styles pages after the designs of others.",
        ],
        &[("web", "react javascript css")],
    ),
    (
        "platform-engineer",
        "Platform Engineer",
        &["DevOps Engineer", "Reliability Engineer"],
        &[
            "Runs the clusters on which the services of all teams run.",
            "Automates how software is built and rolled out.",
            "Answers alerts and writes down what was learnt.",
        ],
        &[("ops", "docker kubernetes terraform"), ("data", "python")],
    ),
    (
        "ml-engineer",
        "Machine Learning Engineer",
        &["AI Engineer"],
        &[
            "Trains models and measures how well they predict.",
            "Brings models into services that answer quickly.",
            "Prepares the records that models are trained on.",
        ],
        &[("data", "python pytorch airflow sql")],
    ),
];

/// Skills: slug, name, aliases, dimension.
const SKILLS: [(&str, &str, &[&str], &str); 15] = [
    ("kafka", "Kafka", &["Apache Kafka"], "data"),
    ("sql", "SQL", &[], "data"),
    ("python", "Python", &[], "data"),
    ("airflow", "Airflow", &[], "data"),
    ("dbt", "dbt", &[], "data"),
    ("tableau", "Tableau", &["Looker"], "data"),
    ("pytorch", "PyTorch", &["Torch"], "data"),
    ("java", "Java", &[], "web"),
    ("spring", "Spring Boot", &[], "web"),
    ("react", "React", &[], "web"),
    ("javascript", "JavaScript", &["TypeScript"], "web"),
    ("css", "CSS", &[], "web"),
    ("docker", "Docker", &["Podman"], "ops"),
    ("kubernetes", "Kubernetes", &["k8s"], "ops"),
    ("terraform", "Terraform", &["Pulumi"], "ops"),
];

/// JDs: title, the number of the role whose responsibilities it has (and of a second one), skills as written.
const JDS: [(&str, usize, usize, &str); 16] = [
    ("Data Engineer", 0, 0, "Python, SQL and Apache Kafka"),
    ("ETL Developer", 0, 1, "SQL and Airflow"),
    ("Pipeline Engineer", 0, 1, "Kafka, Python and Airflow"),
    ("Pipeline Engineer", 1, 0, "SQL, dbt and Looker"),
    ("Analytics Engineer", 1, 1, "SQL, Tableau and dbt"),
    ("Backend Engineer", 2, 2, "Java, Spring Boot and SQL"),
    ("API Developer", 2, 3, "Java, TypeScript and Docker"),
    ("API Developer", 3, 2, "React, TypeScript and CSS"),
    ("Web Developer", 3, 3, "React, JavaScript and CSS"),
    ("DevOps Engineer", 4, 4, "Kubernetes, Terraform and Podman"),
    ("Reliability Engineer", 4, 2, "k8s, Docker and Kafka"),
    ("AI Engineer", 5, 5, "Python, Torch and Airflow"),
    ("Software Engineer", 2, 4, "Java, Docker and Kafka"),
    ("Software Engineer", 5, 0, "Python, SQL and PyTorch"),
    ("Consultant for Insights", 1, 3, "Looker and SQL"),
    ("Specialist", 4, 0, "Pulumi, Podman and Python"),
];

/// Writes the taxonomy into a folder.
pub(crate) fn write(folder: &Path) {
    let write = |file: String, text: String| {
        let path = folder.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    for (n, (slug, name, aliases, kras, skills)) in ROLES.iter().enumerate() {
        let kras: String = kras.iter().enumerate().map(|(n, kra)| format!("k{n} = {kra:?}\n")).collect();
        let listed =
            |(dimension, skills): &(&str, &str)| format!("{dimension} = {:?}\n", skills.split(' ').collect::<Vec<_>>());
        let skills: String = skills.iter().map(listed).collect();
        let text = format!(
            "id = {}\nname = {name:?}\narchetype = \"Engineering\"\naliases = {aliases:?}\n\n[kras]\n{kras}\n[skills]\n{skills}",
            n + 1
        );
        write(format!("roles/{slug}.toml"), text);
    }
    for dimension in ["data", "web", "ops"] {
        let of = SKILLS.iter().enumerate().filter(|(_, skill)| skill.3 == dimension);
        let skills: String = of
            .map(|(n, (slug, name, aliases, _))| {
                format!("\n[skills.{slug}]\nid = {}\nname = {name:?}\naliases = {aliases:?}\nkind = \"tool\"\n", n + 1)
            })
            .collect();
        write(format!("skills/{dimension}.toml"), format!("[dimension]\nname = {dimension:?}\n{skills}"));
    }
}

/// The JDs: id and text.
pub(crate) fn jds() -> Vec<(String, String)> {
    let text = |(title, first, second, skills): &(&str, usize, usize, &str)| {
        let line = |role: usize, n: usize| format!("- {}\n", ROLES[role].3[n].trim_end_matches('.'));
        format!(
            "Title: {title}\nCompany: Quarry & Sons\n\nResponsibilities:\n{}{}{}\nRequirements:\n- Experience with {skills}\n- Clear words in speech and writing\n",
            line(*first, 0),
            line(*first, 1),
            line(*second, 2),
        )
    };
    JDS.iter().enumerate().map(|(n, jd)| (format!("jd-{n:02}"), text(jd))).collect()
}

/// Slugs of roles, skills and dimensions that edits speak of: those there are, and some that may come.
pub(crate) const ROLE_SLUGS: [&str; 8] = [
    "data-engineer",
    "analytics-engineer",
    "backend-engineer",
    "web-developer",
    "platform-engineer",
    "ml-engineer",
    "r1",
    "r2",
];
/// Of skills.
pub(crate) const SKILL_SLUGS: [&str; 10] =
    ["kafka", "sql", "python", "airflow", "tableau", "docker", "kubernetes", "javascript", "s1", "s2"];
/// Titles that JDs have.
pub(crate) const TITLES: [&str; 9] = [
    "ETL Developer",
    "Pipeline Engineer",
    "API Developer",
    "DevOps Engineer",
    "AI Engineer",
    "Software Engineer",
    "Specialist",
    "BI Developer",
    "Reliability Engineer",
];
/// Texts in JDs that name skills, or may come to.
pub(crate) const FORMS: [&str; 9] =
    ["Apache Kafka", "Looker", "Torch", "TypeScript", "Podman", "k8s", "Pulumi", "Clear words", "dashboards"];
/// Keys of responsibilities.
pub(crate) const KRAS: [&str; 6] = [
    "data-engineer/k0",
    "data-engineer/k2",
    "analytics-engineer/k0",
    "backend-engineer/k1",
    "platform-engineer/k1",
    "ml-engineer/k2",
];
