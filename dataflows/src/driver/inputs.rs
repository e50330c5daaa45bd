//! Where do records go in? One session for each collection, all advanced together.

use crate::graph::Collections;
use crate::records::*;
use crate::{Collection, Diff, Time};
use differential_dataflow::input::{Input, InputSession};
use timely::dataflow::Scope;

type Session<D> = InputSession<Time, D, Diff>;

macro_rules! inputs {
    ($($name:ident: $record:ident,)*) => {
        /// The sessions of all collections.
        pub(crate) struct Inputs {
            jds: Session<JdUpdate>,
            $($name: Session<$record>,)*
        }

        impl Inputs {
            pub(crate) fn new<'scope>(scope: Scope<'scope, Time>) -> (Inputs, Collections<'scope>) {
                fn input<'s, D: differential_dataflow::Data>(scope: Scope<'s, Time>) -> (Session<D>, Collection<'s, D>) {
                    scope.new_collection()
                }
                let jds = input(scope);
                $(let $name = input(scope);)*
                (Inputs { jds: jds.0, $($name: $name.0,)* }, Collections { jds: jds.1, $($name: $name.1,)* })
            }

            pub(crate) fn update(&mut self, record: Record, difference: Diff) {
                match record {
                    $(Record::$record(record) => self.$name.update(record, difference),)*
                }
            }

            pub(crate) fn update_jd(&mut self, update: JdUpdate) {
                self.jds.update(update, 1);
            }

            pub(crate) fn advance_to(&mut self, epoch: Time) {
                self.jds.advance_to(epoch);
                self.jds.flush();
                $(self.$name.advance_to(epoch); self.$name.flush();)*
            }
        }
    };
}

inputs! {
    roles: Role,
    aliases: Alias,
    alias_rules: AliasRule,
    kras: Kra,
    skills: Skill,
    dimensions: Dimension,
    role_dimensions: RoleDimension,
    role_skills: RoleSkill,
    reviews: Review,
    adjudications: Adjudication,
    settings: Settings,
    enrichment: EnrichmentSettings,
    at_ingest: AtIngest,
}
