/** Loaded before a peer (`node --import`): tells the bench what the process used, and changes nothing else. */
import cluster from 'node:cluster'
import { answerParent } from './ipc.js'

// Workers that the peer starts are its own affair.
if (process.send && cluster.isPrimary) {
  answerParent({
    usage() {
      const { user, system } = process.cpuUsage()
      return { cpuSeconds: (user + system) / 1e6, rssBytes: process.memoryUsage.rss() }
    },
  })
  // The bench is gone.
  process.on('disconnect', () => process.exit())
}
