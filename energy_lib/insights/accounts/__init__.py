"""Carbon and cost: what each hour emitted and cost, summed by month, restated where it was corrected."""
