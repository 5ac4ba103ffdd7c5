const lowestMs = 0.01
const growth = 1.01
const lastBucket = 2000

/** Latencies in buckets that are one percent wide each: constant memory, whatever the rate. */
export function createHistogram() {
  const buckets = new Uint32Array(lastBucket + 1)
  let count = 0
  return {
    add(ms) {
      count++
      buckets[bucketOf(ms)]++
    },
    count: () => count,
    /** The latency that a share of the requests, such as 0.99, stayed below; undefined without any. */
    quantile(share) {
      let left = Math.ceil(count * share)
      for (let bucket = 0; bucket <= lastBucket; bucket++) {
        left -= buckets[bucket]
        if (count > 0 && left <= 0) return lowestMs * growth ** bucket
      }
      return undefined
    },
  }
}

function bucketOf(ms) {
  if (ms <= lowestMs) return 0
  return Math.min(lastBucket, Math.round(Math.log(ms / lowestMs) / Math.log(growth)))
}
