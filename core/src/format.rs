//! With the feature `defmt`, every public type can be logged: the compiler checks the list below, and a
//! test checks that the list is whole.

use crate::Factor;
use crate::data::Data;
use crate::fixed_point::{
    FixedArrays, FixedBuffers, FixedFlat, FixedRun, IntegerData, Integers, NmfFixed, Range, View,
};
use crate::known_parts::{KnownParts, OthersOf};
use crate::nmf::{Nmf, NmfInner};
use crate::noise::{GradientNoise, Noisy, NoisyDense};
use crate::online::{Keep, Latents, Online, OnlineSettings};
use crate::penalty::{Penalties, Penalty};
use crate::policy::{
    Content, Hidden, Last, LayerContent, Network, Policy, PolicyError, Scales, SchedulePolicy,
};
use crate::product::Left;
use crate::random::Stream;
use crate::retained::{Retained, RetainedOnline};
use crate::rule::table::{Kind, Parameter};
use crate::rule::{
    Abb, AbbMin, AdagradNorm, Adaptive, Adgd, Alternate, Armijo, Around, Bb1, Bb2, Bound, Cauchy,
    Cosine, DaiYuan, Decay, Decision, Fixed, Growing, Learned, Lin, LinearCauchy, Random, Rule,
    Scheduled, Sdc, Silver, Sweeps, Thrifty, Widening, Wsd,
};
use crate::run::{Buffers, Epoch, Run, Settings, State};
use crate::situation::{Before, Memories, Memory, Progress, Situation};
use crate::step::moves::Moves;
use crate::step::{HalfStep, Open, Outcome, Sample};
use crate::storage::{Arithmetic, Arrays, Flat, Floats, NoOrders, Orders, Storage};
use crate::subproblem::{Change, Dense, Held, Scratch, Slope};
use crate::transform::{Transform, TransformSettings};
use crate::{Error, Fingerprint, Matrix, Subproblem};
use defmt::{Format, Formatter, write};

macro_rules! assert_format {
    ($($type:ty),* $(,)?) => {
        const fn formats<T: Format>() {}
        const _: () = { $(formats::<$type>();)* };
    };
}

assert_format!(
    Content<'_>, Kind, LayerContent<'_>, Open<'_, Dense<'_, Data<'_, u8>>>, Parameter, Scales<'_>,
    Arrays<3, 2, 1>, KnownParts<Data<'_, u8>>, NoOrders, Orders<3, 2>, OthersOf<'_, Data<'_, u8>>, FixedArrays<3, 2, 1>, FixedFlat<'_>, Flat<[f32; 1], [u32; 1]>, Floats, Integers,
    Abb, AbbMin, AdagradNorm, Adaptive, Adgd, Alternate, Armijo, Around, Before<'_>, Bb1, Bb2, Bound, Buffers<'_>, Cauchy, Change, Cosine, DaiYuan, Data<'_, u8>, Decay, Decision,
    Dense<'_, Data<'_, u8>>, Epoch, Error, Factor, Fingerprint, Fixed, FixedBuffers<'_>, FixedRun<'_, u8>, Growing,
    HalfStep, Held, Hidden<'_>, IntegerData<'_, u8>, Keep, Last<'_>, Latents,
    Learned<'_>, Left<'_, u8>, Lin, LinearCauchy, Memories, Memory, Moves, Nmf<3, 2, 1>, NmfInner<Floats, Arrays<3, 2, 1>>, Network<'_>, NmfFixed<3, 2, 1>, GradientNoise, Noisy<'_, Data<'_, u8>>, NoisyDense<'_, '_, Data<'_, u8>>, Online<'_>,
    OnlineSettings, Outcome, Penalties, Penalty, Policy<'_>, PolicyError, Progress, Random, Range, Retained<3, 2, 1>, RetainedOnline<9>, Rule<'_>,
    Run<'_, Data<'_, u8>>, Sample, SchedulePolicy<'_>, Scheduled<'_>, Scratch<'_>, Sdc, Settings, Silver, Situation<'_>, Slope, State, Stream, Sweeps, Thrifty,
    Transform<'_>, TransformSettings, View<'_>, Widening, Wsd,
);

impl Format for Fingerprint {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Fingerprint({=u64:#018x})", self.value());
    }
}

impl Format for GradientNoise {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "GradientNoise({})", self.level());
    }
}

impl<M: Matrix> Format for Noisy<'_, M> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Noisy({} x {})", self.rows(), self.columns());
    }
}

impl<M: Matrix> Format for NoisyDense<'_, '_, M> {
    fn format(&self, f: Formatter<'_>) {
        let [k, rank] = self.shape();
        write!(f, "NoisyDense({} rows, rank {})", k, rank);
    }
}

impl<M: Matrix> Format for OthersOf<'_, M> {
    fn format(&self, f: Formatter<'_>) {
        let [k, rank] = self.shape();
        write!(f, "OthersOf({} rows, rank {})", k, rank);
    }
}

impl Format for State {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "State({}, {})", self.progress, self.memories);
    }
}

impl Format for Buffers<'_> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Buffers({} + {} floats)", self.w.len(), self.h.len());
    }
}

impl Format for Scratch<'_> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Scratch(rank {})", self.direction.len());
    }
}

impl<M: Matrix> Format for Dense<'_, M> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Dense({}, rank {})", self.factor, self.rank);
    }
}

impl<M> Format for Run<'_, M> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Run(rank {}, {})", self.rank, self.state);
    }
}

impl<A: Arithmetic, S: Storage<A>> Format for NmfInner<A, S> {
    fn format(&self, f: Formatter<'_>) {
        let [m, n, rank] = self.shape();
        write!(f, "Nmf({} x {}, rank {}, {})", m, n, rank, self.state);
    }
}

impl<const M: usize, const N: usize, const R: usize, O> Format for Arrays<M, N, R, O> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Arrays({} x {}, rank {})", M, N, R);
    }
}

impl<F, I> Format for Flat<F, I>
where
    Self: Storage<Floats>,
{
    fn format(&self, f: Formatter<'_>) {
        let [m, n, rank] = self.shape();
        write!(f, "Flat({} x {}, rank {})", m, n, rank);
    }
}

impl<const M: usize, const N: usize, const R: usize, O> Format for FixedArrays<M, N, R, O> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "FixedArrays({} x {}, rank {})", M, N, R);
    }
}

impl Format for FixedFlat<'_> {
    fn format(&self, f: Formatter<'_>) {
        let [m, n, rank] = self.shape;
        write!(f, "FixedFlat({} x {}, rank {})", m, n, rank);
    }
}

impl<const M: usize, const N: usize, const R: usize> Format for Retained<M, N, R> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Retained({} x {}, rank {})", M, N, R);
    }
}

impl<const F: usize> Format for RetainedOnline<F> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "RetainedOnline({} floats)", F);
    }
}

impl Format for FixedBuffers<'_> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "FixedBuffers({} + {} integers)", self.w.len(), self.h.len());
    }
}

impl<E> Format for FixedRun<'_, E> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "FixedRun(rank {}, {})", self.rank, self.state);
    }
}

impl Format for Online<'_> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Online({} rows, {})", self.rows(), self.settings);
    }
}

impl Format for Transform<'_> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Transform({} floats, {})", self.w().len(), self.bound());
    }
}

impl Format for Policy<'_> {
    fn format(&self, f: Formatter<'_>) {
        let (layers, bytes) = (self.network.hidden.len() + 1, self.blob.len());
        write!(f, "Policy({} layers, {} bytes, {=u32:#010x})", layers, bytes, self.checksum());
    }
}

impl Format for Network<'_> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Network({} layers)", self.hidden.len() + 1);
    }
}

impl Format for Hidden<'_> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Hidden({} -> {})", self.inputs, self.outputs);
    }
}

impl Format for Last<'_> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Last({} -> {})", self.inputs, self.outputs);
    }
}

impl Format for Kind {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Kind({}, {} parameters)", self.name, self.parameters.len());
    }
}

impl<S: Subproblem> Format for Open<'_, S> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Open({}, {})", self.factor(), self.record());
    }
}
