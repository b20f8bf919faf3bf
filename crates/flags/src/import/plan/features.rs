//! What is done about each feature of Unleash: parents first, each judged among all that it stands among.

use evaluation::unleash::model::Feature;
use kernel::FlagKey;

use super::super::order::needs_first;
use super::super::refusal::Refusal;
use super::super::unleash::{Features, Incoming, translate};
use super::{Planner, Settled, item};
use crate::model::{Configuration, State};
use crate::validate::{Link, LinkEnd, links};

impl<'a> Planner<'a> {
    pub(super) fn features(&mut self, features: &'a Features) {
        for (name, refusal) in &features.refused {
            self.flags.insert(name, item(name, Err(refusal.clone())));
        }
        self.stand_among();
        let all = &features.features;
        let needs = |feature: &'a Feature| feature.dependencies.iter().map(|one| &*one.feature).collect();
        let things: Vec<(&str, Vec<&str>)> = all.iter().map(|one| (&*one.feature.name, needs(&one.feature))).collect();
        for at in needs_first(&things) {
            let settled = self.needs("flag", &things[at].1).and_then(|()| self.feature(&all[at]));
            self.flags.insert(things[at].0, item(things[at].0, settled));
        }
        for (name, _) in things {
            self.flags.entry(name).or_insert_with(|| item(name, Err(Refusal::Circle)));
        }
    }

    /// Who depends on whom in the environment: features look one level deep, so each must know who looks at it.
    fn stand_among(&mut self) {
        for (key, configurations) in &self.existing.configurations {
            let here = configurations.iter().find(|one| one.environment == self.place.environment);
            if let Some(here) = here.filter(|_| self.living(key).is_some()) {
                let own = links(key.as_str(), &State::Configuration(here.body.clone()));
                self.around.neighbours.extend(own);
            }
        }
    }

    fn feature(&mut self, incoming: &Incoming) -> Settled {
        let key = FlagKey::new(incoming.feature.name.as_str())?;
        let mut wanted = translate(&key, incoming)?;
        let there = self.living(&key);
        if let Some(there) = there {
            // What Unleash does not say stays as it is here.
            let usual = Configuration::initial(&there.body);
            wanted.availability = there.body.client_side_availability;
            wanted.values = there.body.variations.iter().map(|variation| variation.value.clone()).collect();
            let configuration = &mut wanted.configuration;
            (configuration.fallthrough, configuration.off_variation) = (usual.fallthrough, usual.off_variation);
            configuration.salt = usual.salt;
        }
        let wishes = links(key.as_str(), &State::Configuration(wanted.configuration.clone()));
        let own = |link: &Link| link.from == LinkEnd::Flag && link.source == key.as_str();
        let (before, others) = std::mem::take(&mut self.around.neighbours).into_iter().partition::<Vec<_>, _>(own);
        self.around.neighbours = others;
        let settled = self.settle(&key, wanted, there.is_none().then_some(&incoming.words));
        self.around.neighbours.extend(if settled.is_ok() { wishes } else { before });
        settled
    }
}
