import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { AvatarStorage } from './avatar-storage.js'

/** Pictures as files of one directory, which is made when it is first needed. */
export function createDiskStorage(directory: string): AvatarStorage {
  const pathOf = (name: string) => join(directory, name)

  return {
    /** Written beside, then renamed: a picture is there whole or not at all, also after a power cut. */
    async put(name, picture) {
      await mkdir(directory, { recursive: true })
      const path = pathOf(name)
      const unfinished = `${path}.part`
      try {
        const file = await open(unfinished, 'w', 0o640)
        try {
          await file.writeFile(picture)
          await file.sync()
        } finally {
          await file.close()
        }
        await rename(unfinished, path)
      } catch (error) {
        await rm(unfinished, { force: true }).catch(() => undefined)
        throw error
      }
    },
    async get(name) {
      try {
        return await readFile(pathOf(name))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
    async remove(name) {
      await rm(pathOf(name), { force: true })
      await rm(`${pathOf(name)}.part`, { force: true })
    },
  }
}
