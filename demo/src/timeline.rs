//! What happened when, measured from the first failed payment.

use kernel::Timestamp;

/// The instants of the bad release. One that is missing did not happen, and the demo fails.
#[derive(Debug)]
pub(crate) struct Timeline {
    pub(crate) started: Timestamp,
    pub(crate) first_failure: Option<Timestamp>,
    pub(crate) verdict: Option<Timestamp>,
    pub(crate) flag_off: Option<Timestamp>,
    pub(crate) paged: Option<Timestamp>,
    pub(crate) acknowledged: Option<Timestamp>,
    pub(crate) recovered: Option<Timestamp>,
    pub(crate) failed: u64,
    pub(crate) treated: u64,
    pub(crate) evaluations: u64,
    pub(crate) sentence: String,
}

impl Timeline {
    fn lines(&self) -> [(&'static str, Option<Timestamp>); 7] {
        [
            ("release started", Some(self.started)),
            ("first failed request", self.first_failure),
            ("verdict", self.verdict),
            ("flag off in the SDK", self.flag_off),
            ("page sent", self.paged),
            ("acknowledged", self.acknowledged),
            ("recovered", self.recovered),
        ]
    }

    /// What did not happen.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        self.lines().into_iter().filter(|(_, at)| at.is_none()).map(|(name, _)| name).collect()
    }

    /// The table, with seconds from the first failure.
    pub(crate) fn print(&self) {
        let zero = self.first_failure.unwrap_or(self.started);
        println!("\n  {}\n", self.sentence);
        for (name, at) in self.lines() {
            match at {
                Some(at) => {
                    let seconds = (at.as_micros() - zero.as_micros()) as f64 / 1e6;
                    println!("  {seconds:>+8.2} s  {name}");
                }
                None => println!("         -    {name}: did not happen"),
            }
        }
        let Self { failed, treated, evaluations, .. } = self;
        println!("\n  {failed} failed requests of {treated} behind the flag; {evaluations} evaluations\n");
    }
}
