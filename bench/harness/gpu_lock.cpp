namespace peakproof::bench {}
