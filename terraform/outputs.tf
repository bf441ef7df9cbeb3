output "landing" {
  description = "URI for the config key `landing`"
  value       = "s3a://${aws_s3_bucket.this["landing"].bucket}"
}

output "lake" {
  description = "URI for the config key `lake`"
  value       = "s3a://${aws_s3_bucket.this["lake"].bucket}"
}

output "jobs_policy_arn" {
  description = "Attach this to the role that runs the jobs"
  value       = aws_iam_policy.jobs.arn
}
