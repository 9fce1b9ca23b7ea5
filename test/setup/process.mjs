import { spawn } from 'node:child_process';

/** Runs a program to its end; rejects on a non-zero exit with the last lines it wrote. */
export function run(program, args, { timeout = 60_000, show = false, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...options,
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    });
    let stdout = '';
    let all = '';
    const limit = setTimeout(() => child.kill('SIGKILL'), timeout);
    child.stdout?.on('data', (chunk) => {
      stdout += chunk;
      all += chunk;
    });
    child.stderr?.on('data', (chunk) => (all += chunk));
    child.on('error', (error) => {
      clearTimeout(limit);
      reject(error);
    });
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      if (code === 0) return resolve({ stdout, all });
      const error = new Error(`${program} ended with ${signal ?? code}\n${all.trim()}`.trim());
      reject(Object.assign(error, { code, output: all }));
    });
  });
}

/** Whether a process with this number exists. */
export function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
