variable "name" {
  description = "Prefix of everything made here, for instance acme-energy"
  type        = string
}

variable "kms_key_arn" {
  description = "ARN of the KMS key that encrypts both buckets"
  type        = string
}

variable "tags" {
  description = "Tags on everything made here"
  type        = map(string)
  default     = {}
}
