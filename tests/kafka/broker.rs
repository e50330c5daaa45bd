//! How is a broker started, killed and started again? A process and a folder, both gone with the test, however it ends.

use super::jars;
use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer};
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a broker may take until it answers.
const PATIENCE: Duration = Duration::from_secs(90);
/// Any id of a cluster will do.
const CLUSTER: &str = "cm9sZXN0cmVhbS10ZXN0cw";

/// A Kafka of one broker.
pub(crate) struct Broker {
    folder: TempDir,
    jars: PathBuf,
    port: u16,
    running: Option<Running>,
}

struct Running {
    java: Child,
    /// Kills the broker and removes its folder when this process is gone without having done so.
    watch: Child,
}

impl Broker {
    /// Starts one; nothing where that is not possible, which is said, and is a failure where `CI` is set.
    pub(crate) fn start() -> Option<Broker> {
        let jars = match jars::folder() {
            Ok(jars) => jars,
            Err(missing) => {
                assert!(std::env::var_os("CI").is_none(), "the tests of Kafka cannot run: {missing}");
                println!("skipped: the tests of Kafka: {missing}");
                return None;
            }
        };
        // Another process may take a port between finding and using it.
        let tries = (0..3).map(|_| Broker::try_start(&jars));
        let mut failures = Vec::new();
        for one in tries {
            match one {
                Ok(broker) => return Some(broker),
                Err(failure) => failures.push(failure),
            }
        }
        panic!("Kafka does not start:\n{}", failures.join("\n"));
    }

    /// The one that all tests of this program share that do not kill it.
    pub(crate) fn shared() -> Option<&'static Broker> {
        static SHARED: OnceLock<Option<Broker>> = OnceLock::new();
        SHARED.get_or_init(Broker::start).as_ref()
    }

    fn try_start(jars: &Path) -> Result<Broker, String> {
        let folder = tempfile::Builder::new().prefix("kafka-").tempdir().expect("a folder");
        let free: Vec<TcpListener> = (0..2).map(|_| TcpListener::bind("127.0.0.1:0").expect("a free port")).collect();
        let ports: Vec<u16> = free.iter().map(|port| port.local_addr().expect("its address").port()).collect();
        drop(free);
        let mut broker = Broker { jars: jars.to_owned(), port: ports[0], folder, running: None };
        std::fs::write(broker.path("server.properties"), broker.properties(ports[1])).expect("its properties");
        let formatted = broker
            .java("kafka.tools.StorageTool")
            .args(["format", "-t", CLUSTER, "-c"])
            .arg(broker.path("server.properties"))
            .arg("--standalone")
            .output()
            .expect("java runs");
        if !formatted.status.success() {
            return Err(String::from_utf8_lossy(&formatted.stderr).into_owned());
        }
        broker.run()?;
        Ok(broker)
    }

    fn properties(&self, controller: u16) -> String {
        format!(
            "process.roles=broker,controller\n\
             node.id=1\n\
             listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}\n\
             advertised.listeners=PLAINTEXT://127.0.0.1:{port}\n\
             controller.listener.names=CONTROLLER\n\
             controller.quorum.bootstrap.servers=127.0.0.1:{controller}\n\
             listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n\
             log.dirs={data}\n\
             offsets.topic.replication.factor=1\n\
             offsets.topic.num.partitions=1\n\
             transaction.state.log.replication.factor=1\n\
             transaction.state.log.min.isr=1\n\
             transaction.state.log.num.partitions=1\n\
             share.coordinator.state.topic.replication.factor=1\n\
             share.coordinator.state.topic.min.isr=1\n\
             share.coordinator.state.topic.num.partitions=1\n\
             broker.session.timeout.ms=2000\n\
             broker.heartbeat.interval.ms=500\n\
             controller.quorum.election.timeout.ms=500\n\
             group.initial.rebalance.delay.ms=0\n\
             num.io.threads=4\n\
             num.network.threads=2\n\
             log.initial.task.delay.ms=500\n\
             log.cleaner.backoff.ms=200\n\
             log.cleaner.dedupe.buffer.size=4194304\n\
             log.retention.check.interval.ms=500\n\
             log.segment.delete.delay.ms=0\n\
             auto.create.topics.enable=true\n",
            port = self.port,
            data = self.path("data").display(),
        )
    }

    fn java(&self, class: &str) -> Command {
        let mut java = Command::new("java");
        // Quick to start: a test is over before the better compiler pays.
        java.args(["-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"]);
        java.arg(format!("{}/*", self.jars.display())).arg(class).stdin(Stdio::null());
        java
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where clients find it.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The settings of a client of it.
    pub(crate) fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.address()).set("reconnect.backoff.max.ms", "500");
        config.set_log_level(RDKafkaLogLevel::Emerg);
        config
    }

    fn run(&mut self) -> Result<(), String> {
        let log = File::create(self.path("log")).expect("its log");
        let both = log.try_clone().expect("its log");
        let mut java = self.java("kafka.Kafka");
        let java = java.arg(self.path("server.properties")).stdout(log).stderr(both).spawn().expect("java runs");
        let watch = Command::new("sh")
            .args(["-c", "read -r _; kill -9 \"$1\"; rm -rf \"$2\"", "watch"])
            .arg(java.id().to_string())
            .arg(self.folder.path())
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        self.running = Some(Running { java, watch });
        let begun = Instant::now();
        let consumer: BaseConsumer = self.client().create().expect("a client");
        loop {
            let answer = consumer.fetch_metadata(None, Duration::from_millis(500));
            if answer.is_ok_and(|answer| !answer.brokers().is_empty()) {
                return Ok(());
            }
            let ended = self.running.as_mut().is_some_and(|running| matches!(running.java.try_wait(), Ok(Some(_))));
            if ended || begun.elapsed() > PATIENCE {
                self.kill();
                let log = std::fs::read_to_string(self.path("log")).unwrap_or_default();
                let lines: Vec<&str> = log.lines().collect();
                return Err(lines[lines.len().saturating_sub(40)..].join("\n"));
            }
        }
    }

    /// As a crash ends it: `kill -9`.
    pub(crate) fn kill(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.end(|java| drop(java.kill()));
        }
    }

    /// In order.
    pub(crate) fn stop(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.end(|java| drop(Command::new("kill").arg(java.id().to_string()).status()));
        }
    }

    /// On the same ports and in the same folder; it answers when this returns.
    pub(crate) fn restart(&mut self) {
        self.kill();
        if let Err(failure) = self.run() {
            panic!("Kafka does not start again:\n{failure}");
        }
    }
}

impl Running {
    fn end(&mut self, end: impl FnOnce(&mut Child)) {
        // First who watches: a process number may be given anew.
        let _ = self.watch.kill();
        let _ = self.watch.wait();
        end(&mut self.java);
        let _ = self.java.wait();
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
    }
}
