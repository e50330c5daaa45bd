//! fjall: a keyspace a table, all behind one journal.

use crate::store::{CACHE, Outcome, Store, TABLES, Table};
use crate::workload::Batch;
use fjall::{Database, Keyspace, KeyspaceCreateOptions, KvSeparationOptions, PersistMode};
use std::path::Path;

pub struct Fjall {
    db: Database,
    tables: Vec<Keyspace>,
}

fn text(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}

impl Fjall {
    /// With `blobs`, values from 1 KiB on lie apart from their keys, and the journal does not try to compress them.
    pub fn open(folder: &Path, blobs: bool) -> Outcome<Fjall> {
        let mut builder = Database::builder(folder).cache_size(CACHE as u64);
        if blobs {
            builder = builder.journal_compression(fjall::CompressionType::None);
        }
        let db = builder.open().map_err(text)?;
        let separation = || KvSeparationOptions::default().compression(fjall::CompressionType::None);
        let options = || KeyspaceCreateOptions::default().with_kv_separation(blobs.then(separation));
        let tables = TABLES.map(|table| db.keyspace(table.name(), options)).into_iter();
        let tables = tables.collect::<Result<Vec<_>, _>>().map_err(text)?;
        Ok(Fjall { db, tables })
    }

    fn table(&self, table: Table) -> &Keyspace {
        &self.tables[table as usize]
    }
}

impl Store for Fjall {
    fn commit(&mut self, batch: &Batch, sync: bool) -> Outcome<()> {
        let mode = if sync { PersistMode::SyncData } else { PersistMode::Buffer };
        let mut write = self.db.batch().durability(Some(mode));
        for jd in &batch.jds {
            write.insert(self.table(Table::Features), jd.key, jd.features.as_slice());
            write.insert(self.table(Table::Texts), jd.key, jd.text.as_slice());
            write.insert(self.table(Table::Facts), jd.key, jd.fact.as_slice());
        }
        write.insert(self.table(Table::Offsets), *b"jd.raw/0", batch.offset.to_le_bytes());
        write.commit().map_err(text)
    }

    fn get(&self, table: Table, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        Ok(self.table(table).get(key).map_err(text)?.map(|value| value.to_vec()))
    }

    fn scan(&self, table: Table, each: &mut dyn FnMut(&[u8], &[u8])) -> Outcome<()> {
        for entry in self.table(table).iter() {
            let (key, value) = entry.into_inner().map_err(text)?;
            each(&key, &value);
        }
        Ok(())
    }

    fn compact(&mut self) -> Outcome<()> {
        self.settle()?;
        self.tables.iter().try_for_each(|table| table.major_compact().map_err(text))
    }

    fn settle(&mut self) -> Outcome<()> {
        self.tables.iter().try_for_each(|table| table.rotate_memtable_and_wait().map_err(text))
    }

    fn check(&mut self) -> Option<Outcome<bool>> {
        None
    }
}
