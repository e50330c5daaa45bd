//! How do roles and skills retire and merge, and how is either taken back?

use super::lookup::{Living, each_once, find, find_active};
use crate::editing::records::Overlay;
use crate::error::{Error, listed};
use rolestream_dataflows::records::Status;

pub(super) fn retire<R: Living>(to: &mut Overlay<'_>, slug: &str, with_merged: bool) -> Result<(), Error> {
    let mut record: R = find_active(to, slug)?;
    let kind = R::KIND;
    let merged = to.by(R::MERGED_INTO, slug);
    if !merged.is_empty() && !with_merged {
        return Err(Error::new(format!("{kind} \"{slug}\" stands for others"))
            .detail(format!("merged into it are {}; what they own would count for nobody", listed(&merged)))
            .hint(format!("unmerge them, merge \"{slug}\" into another, or retire it with \"with_merged\": true")));
    }
    for other in merged {
        let mut other: R = find(to, &other)?;
        other.turn(Status::Retired, None);
        to.put(other.line());
    }
    record.turn(Status::Retired, None);
    to.put(record.line());
    Ok(())
}

pub(super) fn reactivate<R: Living>(to: &mut Overlay<'_>, slug: &str) -> Result<(), Error> {
    let mut record: R = find(to, slug)?;
    if record.status() != Status::Retired {
        let (found, hint) = match record.status() {
            Status::Merged => ("merged", format!("unmerge it with unmerge_{}", R::KIND)),
            _ => ("active", "nothing has to be done".to_owned()),
        };
        return Err(Error::new(format!("{} \"{slug}\" is not retired", R::KIND))
            .detail(format!("it is {found}; only what is retired can be made active again"))
            .hint(hint));
    }
    record.turn(Status::Active, None);
    record.check_texts(to)?;
    to.put(record.line());
    Ok(())
}

pub(super) fn merge<R: Living>(to: &mut Overlay<'_>, into: &str, slugs: &[String]) -> Result<(), Error> {
    let kind = R::KIND;
    find_active::<R>(to, into)?;
    for slug in each_once(slugs, kind)? {
        if slug == into {
            return Err(Error::new(format!("{kind} \"{slug}\" cannot be merged into itself"))
                .detail("it is named as the survivor and among those that are merged into it")
                .hint(format!("leave it out of \"{kind}s\", or choose another survivor")));
        }
        let mut record: R = find_active(to, slug)?;
        // A survivor is active, always: earlier merges go along.
        for earlier in to.by(R::MERGED_INTO, slug) {
            let mut earlier: R = find(to, &earlier)?;
            earlier.turn(Status::Merged, Some(into.to_owned()));
            to.put(earlier.line());
        }
        record.turn(Status::Merged, Some(into.to_owned()));
        to.put(record.line());
    }
    Ok(())
}

pub(super) fn unmerge<R: Living>(to: &mut Overlay<'_>, slug: &str, with: &[String]) -> Result<(), Error> {
    let kind = R::KIND;
    let mut record: R = find(to, slug)?;
    if record.status() != Status::Merged {
        return Err(Error::new(format!("{kind} \"{slug}\" is not merged"))
            .detail("only a merge can be taken back")
            .hint(format!("name a merged {kind}")));
    }
    let survivor = record.replaced_by().map(str::to_owned);
    record.turn(Status::Active, None);
    record.check_texts(to)?;
    to.put(record.line());
    for other in with {
        let mut other: R = find(to, other)?;
        if other.slug() == slug || other.status() != Status::Merged || other.replaced_by() != survivor.as_deref() {
            return Err(Error::new(format!("{kind} \"{}\" cannot go along with \"{slug}\"", other.slug()))
                .detail("only those go along that are merged into the same survivor")
                .hint("leave it out of \"with\""));
        }
        other.turn(Status::Merged, Some(slug.to_owned()));
        to.put(other.line());
    }
    Ok(())
}
