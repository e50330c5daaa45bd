//! redb: one file, a copy-on-write B-tree a table.

use crate::store::{CACHE, Outcome, Store, TABLES, Table};
use crate::workload::Batch;
use redb::{Builder, Database, Durability, ReadableDatabase, ReadableTable, TableDefinition};
use std::path::Path;

pub struct Redb {
    db: Database,
    quick_repair: bool,
}

fn definition(table: Table) -> TableDefinition<'static, &'static [u8], &'static [u8]> {
    TableDefinition::new(table.name())
}

fn text(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}

impl Redb {
    /// With `quick_repair` a commit takes two syncs and writes what a restart after a kill would have to compute.
    pub fn open(folder: &Path, quick_repair: bool) -> Outcome<Redb> {
        std::fs::create_dir_all(folder).map_err(text)?;
        let mut db = Builder::new().set_cache_size(CACHE).create(folder.join("store.redb")).map_err(text)?;
        if std::env::var_os("CHECK_ON_OPEN").is_some() {
            db.check_integrity().map_err(text)?;
        }
        Ok(Redb { db, quick_repair })
    }
}

impl Store for Redb {
    fn commit(&mut self, batch: &Batch, sync: bool) -> Outcome<()> {
        let mut write = self.db.begin_write().map_err(text)?;
        write.set_durability(if sync { Durability::Immediate } else { Durability::None }).map_err(text)?;
        write.set_quick_repair(self.quick_repair);
        for table in TABLES {
            let mut records = write.open_table(definition(table)).map_err(text)?;
            if table == Table::Offsets {
                let offset = batch.offset.to_le_bytes();
                records.insert(b"jd.raw/0".as_slice(), offset.as_slice()).map_err(text)?;
                continue;
            }
            for jd in &batch.jds {
                let value = match table {
                    Table::Features => &jd.features,
                    Table::Texts => &jd.text,
                    _ => &jd.fact,
                };
                records.insert(jd.key.as_slice(), value.as_slice()).map_err(text)?;
            }
        }
        write.commit().map_err(text)
    }

    fn get(&self, table: Table, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        let read = self.db.begin_read().map_err(text)?;
        let records = read.open_table(definition(table)).map_err(text)?;
        Ok(records.get(key).map_err(text)?.map(|value| value.value().to_vec()))
    }

    fn scan(&self, table: Table, each: &mut dyn FnMut(&[u8], &[u8])) -> Outcome<()> {
        let read = self.db.begin_read().map_err(text)?;
        let records = read.open_table(definition(table)).map_err(text)?;
        for entry in records.iter().map_err(text)? {
            let (key, value) = entry.map_err(text)?;
            each(key.value(), value.value());
        }
        Ok(())
    }

    fn compact(&mut self) -> Outcome<()> {
        self.db.compact().map(|_| ()).map_err(text)
    }

    fn settle(&mut self) -> Outcome<()> {
        Ok(())
    }

    fn check(&mut self) -> Option<Outcome<bool>> {
        Some(self.db.check_integrity().map_err(text))
    }
}
